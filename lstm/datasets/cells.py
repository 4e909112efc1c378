"""What stands in the cells of a table: numbers as people write them, with their marks read by proof.

A mark proves itself a decimal mark where it cannot part thousands: 19,47 or 0.125 or 1234.5; where both stand, or one
stands twice, the last of them is the decimal mark, or neither. One proof decides for the whole file. A mark that is
always followed by three digits while no number of 1,000 or more lacks it parts thousands.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .grid import MISSING

_CURRENCY = (
    r"(?:(?:US|AU?|CA?|NZ|HK|NT|S|R)?\$|[€£¥₹₩₽₺฿₴₪₫]|(?:USD|EUR|CHF|GBP|JPY|INR|AUD|CAD|NZD|CNY|RMB|KRW|SEK|NOK|DKK|PLN|CZK|HUF|RON|RUB"
    r"|TRY|BRL|MXN|ZAR|Rs\.?|kr\.?|zł|Kč|Ft|lei|TL|руб\.?|грн\.?)(?![^\W\d_]))"
)
_SPACES = "\\s'’\u00a0\u202f\u2009"
_DRESSED = re.compile(
    rf"(?:{_CURRENCY}\s*(?=\())?(?P<open>\()?(?P<sign>[-+]?)\s*(?:{_CURRENCY}\s*)?(?P<inner>[-+]?)(?P<core>(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?=\D|$)|\d)?[\d.,]*\d?"
    rf"(?:[eE][-+]?\d{{1,4}}|K| ?[kMB])?)\s*(?P<unit>{_CURRENCY}|[%‰])?(?P<close>\))?(?P<after>-?)"
)
_BARE = re.compile(r"-?[0-9][0-9.,]*")
_RARE = re.compile(r"[^0-9. eE+-]")
_MARKED = re.compile(r"-?\d*[.,][\d.,]*(?:[eE][-+]?\d+|[kKMB])?")
_SHORT = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_ENOUGH = 500  # proofs in a column after which no more are counted
_LIMIT = re.compile(r"<\s*(\d+(?:[.,]\d+)?)")


@dataclass(frozen=True)
class Evidence:
    """What the cells of a column say about the decimal mark.

    proofs : how many cells prove "." and ","; ties : a mark that each cell follows by three digits, as in 1.024
    small, large : unmarked cells below 1,000, and from 1,000 on
    """

    proofs: Counter[str]
    ties: Counter[str]
    small: int
    large: int
    example: str

    @property
    def own(self) -> str | None:
        """The mark this column proves by itself."""
        return max(self.proofs, key=lambda mark: self.proofs[mark], default=None)

    def likely(self, delimiter: str) -> str:
        """The decimal mark where nothing proves one, in the file or here."""
        if not self.ties:
            return "."
        mark = max(self.ties, key=lambda one: self.ties[one])
        fixed = not self.small and mark == "." and delimiter != ";"  # 17.250 in a comma file: three decimals
        return mark if self.large or fixed else ",."[mark == ","]


def missing(cells: Iterable[str]) -> np.ndarray:
    """(cells,) whether each says that there is nothing."""
    return np.array([cell.lower() in MISSING for cell in cells], bool)


def undressed(cell: str) -> str:
    """A number without what it wears: "$1,050.00", "17.3 %", "(5)", "−3", "1 234" → "1,050.00", "17.3", "-5", "-3", "1234"."""
    if len(cell) > 60 or _BARE.fullmatch(cell):
        return cell
    cell = cell.replace("\u2212", "-").replace("–", "-")
    found = _DRESSED.fullmatch(cell)
    if found is None or not re.search(r"\d", found["core"]) or bool(found["open"]) != bool(found["close"]):
        return cell
    signs = [found["sign"], found["inner"], found["after"]]
    if sum(map(bool, signs)) > 1 or (any(signs) and found["open"]):
        return cell
    return ("-" if "-" in signs or found["open"] else "") + re.sub(rf"[{_SPACES}]", "", found["core"])


def signs(cells: Iterable[str]) -> list[str]:
    """The currencies and per cent signs in cells, each once."""
    return sorted(set(re.findall(rf"{_CURRENCY}|[%‰]", " ".join(cells))))


def evidence(cells: Sequence[str]) -> Evidence:
    """What undressed cells say about the decimal mark."""
    proofs: Counter[str] = Counter()
    ties: Counter[str] = Counter()
    small = large = 0
    example = ""
    for cell in cells:
        if max(proofs.values(), default=0) >= _ENOUGH:
            break
        if cell.lstrip("-").isdigit():
            large, small = (large + 1, small) if len(cell.lstrip("-")) > 3 else (large, small + 1)
        elif _MARKED.fullmatch(cell):
            body, *power = re.split("[eE]", cell.lstrip("-").rstrip("kKMB"))
            marks = [c for c in body if c in ".,"]
            last = marks[-1]
            head, tail = body.split(last)[0], body.rsplit(last, 1)[1]
            if len(set(marks)) == 2:
                if marks.count(last) == 1 and _number(body, last):
                    proofs[last] += 1
            elif len(marks) > 1:
                if _number(body, other := ",."[last == ","]):
                    proofs[other] += 1
            elif len(tail) != 3 or len(head) > 3 or head.startswith("0") or not head or power:
                proofs[last] += 1
            else:
                ties[last] += 1
                example = example or cell
    return Evidence(proofs, ties, small, large, example)


def numbers(cells: Sequence[str], decimal: str) -> np.ndarray:
    """Undressed cells as (cells,) float64, nan where they are no finite number."""
    values = np.full(len(cells), np.nan)
    if decimal == "." and not _RARE.search(" ".join(cells)):
        with contextlib.suppress(ValueError):
            values = np.array([cell or "nan" for cell in cells], float)
            return np.where(np.isfinite(values), values, np.nan)
    grouped, thousands = _grammar(decimal), ",."[decimal == ","]
    for k, cell in enumerate(cells):
        if cell and grouped.fullmatch(cell):
            value = float(cell.rstrip("kKMB").replace(thousands, "").replace(",", ".")) * _SHORT.get(cell[-1], 1.0)
            values[k] = value if abs(value) < np.inf else np.nan
    return values


def limits(cells: Sequence[str], decimal: str) -> np.ndarray:
    """(cells,) half of what cells such as "<1" are below, nan for all others."""
    if not any("<" in cell for cell in cells):
        return np.full(len(cells), np.nan)
    found = [_LIMIT.fullmatch(cell) for cell in cells]
    return numbers([match[1] if match else "" for match in found], decimal) / 2


def sentinels(values: np.ndarray) -> list[tuple[float, int]]:
    """Numbers that stand for "nothing measured", such as -999.9 among temperatures, and how often each occurs.

    One is the least or the greatest of its column and far from the rest, and is made of nines, or occurs three times.
    """
    known, counts = np.unique(values[np.abs(values) < 1e150], return_counts=True)
    found = []
    while len(known) > 4:
        spread = known[-2] - known[1]
        ends = [
            (known[at], int(counts[at]), at) for at, gap in ((0, known[1] - known[0]), (-1, known[-1] - known[-2]))
            if (nines := bool(re.fullmatch(r"-?9{2,}(\.[09]*)?", f"{known[at]:.12g}"))) or (counts[at] > 2 and known[at] < 0)
            or (counts[at] > 1 and gap > 1000 * spread)
            if gap > (0.5 if nines else 0.25) * spread and (counts[at] > 1 or gap > 3 * spread)
        ]  # fmt: skip
        if not ends:
            break
        value, count, at = ends[0]
        found.append((float(value), count))
        known, counts = np.delete(known, at), np.delete(counts, at)
    return found


@lru_cache(maxsize=2)
def _grammar(decimal: str) -> re.Pattern[str]:
    thousands = r"\." if decimal == "," else ","
    return re.compile(
        rf"(?=.*\d)[-+]?(?:\d+|\d{{1,3}}(?:{thousands}\d{{3}})+|\d{{1,2}}(?:{thousands}\d{{2}})+{thousands}\d{{3}})?(?:[{decimal}]\d*)?(?:[eE][-+]?\d{{1,5}}|[kKMB])?"
    )


def is_number(cell: str) -> bool:
    """Whether an undressed cell is a number with one decimal mark or the other, or the limit it is below."""
    return any(_number(cell.lstrip("< "), mark) for mark in ".,")


def unit_of(cells: Sequence[str]) -> str:
    """What all cells have behind their digits, such as " kWh" or "°C"; empty if they are not alike."""
    unit = re.sub(r"^.*\d", "", cells[0]) if cells else ""
    alike = (
        0 < len(unit) < 12 and re.search(r"[^\W\d_]", unit) and (unit.strip() not in _SHORT or unit == " K")
    )  # kelvin
    return unit if alike and all(cell.endswith(unit) and cell[: -len(unit)][-1:].isdigit() for cell in cells) else ""


def _number(body: str, decimal: str) -> bool:
    return bool(_grammar(decimal).fullmatch(body))
