"""Moving one file's bytes from an address or a mirror's folder to disk. What goes wrong is said in half a sentence.

The two carriers are what pooch calls downloaders: pooch gives them a temporary file, checks the checksum afterwards
and repeats what raised `Retryable`; `Permanent` it passes on at once, since asking again would not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .catalogue import File

TIMEOUT = (5.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes."""

CHUNK = 1 << 16


class Retryable(ValueError):
    """The transfer failed in a way that may pass; the message continues the sentence "the host …"."""


class Permanent(OSError):
    """The transfer failed for good; the message continues the sentence "the host …"."""


class Downloader:
    """What both carriers share: writing, counting, and a stop when more comes than the file has.

    Parameters
    ----------
    file : File
    report : callable
        Called with the number of bytes so far after each piece.
    """

    def __init__(self, file: File, report: Callable[[int], None]) -> None:
        self.file, self.report = file, report

    def write(self, pieces: Iterable[bytes], path: str) -> None:
        """Write `pieces` to `path`; more or fewer bytes than the file has are an error."""
        done = 0
        with open(path, "wb") as out:
            for piece in pieces:
                done += len(piece)
                if done > self.file.size:
                    raise Permanent(f"sent another file (more than {self.file.size:,} bytes)")
                out.write(piece)
                self.report(done)
        if done < self.file.size:
            raise Retryable(f"broke off after {done:,} of {self.file.size:,} bytes")


class HttpDownloader(Downloader):
    """Downloads from an http or https address."""

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        import requests

        try:
            # Unpacked in transit, a .gz file would arrive as another file: ask for the bytes as they are.
            headers = {"Accept-Encoding": "identity", "User-Agent": "lstm-lab"}
            with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
                status = response.status_code
                if status != 200:
                    passing = status in (408, 429) or status >= 500
                    raise (Retryable if passing else Permanent)(f"answered {status} {response.reason or ''}".rstrip())
                self.write(response.iter_content(CHUNK), output_file)
        except requests.exceptions.ConnectTimeout:
            raise Permanent(f"did not answer within {TIMEOUT[0]:g} s") from None
        except requests.exceptions.SSLError:
            raise Permanent("has no valid certificate") from None
        except requests.exceptions.RequestException as error:
            raise _failure(error) from None


def _failure(error: Exception) -> Exception:
    """Which of our two errors one of requests' is, with its half sentence."""
    from requests import exceptions

    if isinstance(error, exceptions.Timeout) or "timed out" in str(error).lower():  # in mid-body it is no Timeout
        return Retryable(f"sent nothing for {TIMEOUT[1]:g} s")
    if isinstance(error, exceptions.ChunkedEncodingError):
        return Retryable("broke off in the middle")
    if isinstance(error, exceptions.ConnectionError):
        return Retryable("could not be reached (no network?)")
    return Permanent(f"could not be asked ({type(error).__name__})")


class FolderDownloader(Downloader):
    """Copies from a mirror that is a folder."""

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        self.write(_pieces(url), output_file)


def _pieces(path: str) -> Iterator[bytes]:
    """The file's bytes, piece by piece. Only reading may fail in here, so every OSError is the mirror's."""
    try:
        with open(path, "rb") as source:
            while piece := source.read(CHUNK):
                yield piece
    except FileNotFoundError:
        raise Permanent("does not have it") from None
    except OSError as error:
        raise Permanent(f"cannot be read ({error.strerror or type(error).__name__})") from None
