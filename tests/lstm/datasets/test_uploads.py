"""People's own files: every encoding that is read, and a sentence for each file that is not."""

from __future__ import annotations

import codecs
import gzip
import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.datasets import read_text, read_upload

TEXT = "Le café coûte 3 €.\nÇa va ? “Très bien” – déjà vu…\n" * 3
EMOJI = "Hello 😀\n世界\n"


@pytest.mark.parametrize("text", [TEXT, EMOJI, "plain ASCII\n"])
@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "UTF-32"),
    ],
)
def test_encodings(text: str, encoding: str, mark: bytes, said: str) -> None:
    upload = read_upload(mark + text.encode(encoding), "a.txt")
    assert (upload.text, upload.encoding, upload.notes) == (text, said, ())


def test_windows_1252_is_read_and_said() -> None:
    upload = read_upload(TEXT.encode("cp1252"), "a.txt")
    assert upload.text == TEXT
    assert upload.encoding == "Windows-1252"
    assert upload.notes == ("it is not UTF-8 and was read as Windows-1252; if letters look wrong, save it as UTF-8",)
    assert read_text("Ein Caf\xe9".encode("latin-1"), "a.txt") == "Ein Café"  # the last byte could be cut UTF-8


def test_utf8_cut_in_the_middle_of_a_character() -> None:
    upload = read_upload(EMOJI.encode()[:-2], "a.txt")
    assert upload.text == "Hello 😀\n世"
    assert upload.notes == ("its last character was cut in half and left out",)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=2).filter(lambda t: len(set(t)) > 2))
def test_any_text_saved_as_utf8_comes_back(text: str) -> None:
    text = "Begin " + text
    assert read_text(text.encode(), "a.txt") == text
    assert read_text(text.encode("utf-16"), "a.txt") == text


def test_line_ends_and_stray_control_characters() -> None:
    data = b"one\r\ntwo\rthree\n\tfour\x0cfive\x07" + b" six" * 400
    assert read_text(data, "a.txt") == "one\ntwo\nthree\n\tfour\x0cfive" + " six" * 400


def test_a_gutenberg_file_is_cut_to_the_book() -> None:
    body = "The book itself.\n"
    data = (
        f"Header\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n{body}"
        "*** END OF THE PROJECT GUTENBERG EBOOK X ***\nLicence\n"
    )
    upload = read_upload(data.encode(), "pg1.txt")
    assert upload.text == body
    assert upload.notes == ("Project Gutenberg's header and licence were cut off",)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.txt", "text")
    return buffer.getvalue()


NOISE = random.Random(0).randbytes(5_000)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "a.txt is empty"),
        (codecs.BOM_UTF8, "a.txt holds nothing but blank space"),
        (b" \n\t \r\n", "a.txt holds nothing but blank space"),
        (b"aaaaaaa", "a.txt repeats a single character, 'a', from which nothing can be learnt"),
        (b"a\n\n", "a.txt repeats a single character, 'a', from which nothing can be learnt"),
        (b"\x89PNG\r\n\x1a\n" + NOISE, "a.txt is a PNG image, not plain text"),
        (b"\xff\xd8\xff\xe0" + NOISE, "a.txt is a JPEG image, not plain text"),
        (
            archive(),
            "a.txt is a ZIP archive (.docx, .odt and .epub files are such archives inside), not plain text",
        ),
        (gzip.compress(b"text " * 50, mtime=0), "a.txt is a gzip archive, not plain text"),
        (b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n", "a.txt is a PDF document, not plain text, so export it as .txt first"),
        (b"{\\rtf1\\ansi Hello}", "a.txt is a rich-text document, not plain text, so export it as .txt first"),
        (b"\x93NUMPY\x01\x00" + bytes(100), "a.txt is a NumPy array, not plain text"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + NOISE, "a.txt is a program, not plain text"),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(100), "a.txt is a sound, video or WebP file, not plain text"),
        (NOISE, "a.txt is a binary file, not plain text"),
        (bytes(1000), "a.txt is a binary file, not plain text"),
        (bytes(range(256)) * 3, "a.txt is a binary file, not plain text"),
        (b"text with a NUL\x00 in it", "a.txt is a binary file, not plain text"),
        (b"\x01\x02\x03 control characters", "a.txt is a binary file, not plain text"),
        (b"\xff\xfe" + bytes(99), "a.txt is a binary file, not plain text"),
        (
            codecs.BOM_UTF8 + b"caf\xe9 noir",
            "a.txt says it is UTF-8 but is damaged at byte 6; open it in an editor and save it as UTF-8",
        ),
        (
            "déjà vu, ça va ".encode() + b"\xff and on",
            "a.txt is UTF-8 with damage, first at byte 18; open it in an editor and save it as UTF-8",
        ),
        (
            bytes(range(128, 256)) * 3,
            "a.txt is not UTF-8 and its encoding cannot be told; open it in an editor and save it as UTF-8",
        ),
    ],
)
def test_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_text(data, "a.txt")
    assert str(caught.value) == sentence


def test_damage_in_utf16() -> None:
    with pytest.raises(ValueError, match=r"^a\.txt (says it is UTF-16 but is damaged at byte|is a binary file)"):
        read_text("Hallo".encode("utf-16") + b"x", "a.txt")


def test_the_limit() -> None:
    assert len(read_text(b"ab" * 50, "a.txt", limit=100)) == 100
    assert len(read_text("é".encode() * 60 + b"a" * 40, "a.txt", limit=100)) == 100  # counted in characters
    with pytest.raises(ValueError) as caught:
        read_text(b"ab" * 51, "a.txt", limit=100)
    assert str(caught.value) == "a.txt is too long: it has 102 characters, and at most 100 characters can be used"
    with pytest.raises(ValueError, match="it has 405 bytes, and at most 100 characters can be used"):
        read_text(b"a" * 405, "a.txt", limit=100)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\books\\my novel.txt", "my novel.txt"),
        ("../../etc/passwd", "passwd"),
        ("évil\n**name** <b>`x`.txt", "évilname bx.txt"),
        ("\n", "the file"),
        ("n" * 300 + ".txt", "n" * 40 + "…" + "n" * 11 + ".txt"),
    ],
)
def test_names_are_made_fit_for_a_sentence(name: str, shown: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_text(b"", name)
    assert str(caught.value) == f"{shown} is empty"


@given(st.binary(max_size=300))
def test_any_bytes_give_a_text_or_a_sentence(data: bytes) -> None:
    try:
        text = read_text(data, "a.txt")
    except ValueError as error:
        assert type(error) is ValueError
        assert str(error).startswith("a.txt ")
        assert "\n" not in str(error)
    else:
        assert len(set(text)) > 1
        assert "\x00" not in text
