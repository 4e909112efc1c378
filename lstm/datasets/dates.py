"""Dates as people write them, read by proof: of all the ways to read a column, the one that leaves least unread, keeps the
rows in order and the steps even. Where that does not decide, the note says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

_MONTHS = """
    jan january januar janvier janv enero ene gennaio gen janeiro januari янв января январь styczen stycznia sty leden ledna
    ocak tammikuu tammikuuta січень січня ιανουαριος ιανουαριου ιαν ianuarie |
    feb february februar fevrier fevr fev febrero febbraio fevereiro februari фев февр февраля февраль luty lutego lut unor
    unora subat helmikuu helmikuuta лютии лютого φεβρουαριος φεβρουαριου φεβ februarie |
    mar march marz mrz maerz mars marzo marco maart mrt мар марта март marts marzec marca brezen brezna mart maaliskuu
    maaliskuuta березень березня μαρτιος μαρτιου μαρ marcius martie maret |
    apr april avril avr abril abr aprile апр апреля апрель kwiecien kwietnia kwi duben dubna nisan huhtikuu huhtikuuta квітень
    квітня απριλιος απριλιου απρ aprilis aprilie |
    may mai mayo maggio mag maio mei maj мая маи maja kveten kvetna mayıs toukokuu toukokuuta травень травня μαιος μαιου
    majus |
    jun june juni juin junio giugno giu junho июн июня июнь czerwiec czerwca cze cerven cervna haziran kesakuu kesakuuta
    червень червня ιουνιος ιουνιου junius iunie |
    jul july juli juillet juil julio luglio lug julho июл июля июль lipiec lipca lip cervenec cervence temmuz heinakuu
    heinakuuta липень липня ιουλιος ιουλιου julius iulie |
    aug august aout agosto ago augustus augusti авг августа август sierpien sierpnia sie srpen srpna agustos elokuu elokuuta
    серпень серпня αυγουστος αυγουστου αυγ augusztus agustus |
    sep sept september septembre septiembre settembre set setembro сен сент сентября сентябрь wrzesien wrzesnia wrz zari eylul
    syyskuu syyskuuta вересень вересня σεπτεμβριος σεπτεμβριου σεπ szeptember septembrie |
    oct october oktober okt octobre octubre ottobre ott outubro out окт октября октябрь pazdziernik pazdziernika paz rijen rijna
    ekim lokakuu lokakuuta жовтень жовтня οκτωβριος οκτωβριου οκτ octombrie |
    nov november novembre noviembre novembro ноя нояб ноября ноябрь листопад листопада listopad listopada listopadu lis kasım marraskuu
    marraskuuta νοεμβριος νοεμβριου noiembrie |
    dec december dez dezember decembre dic diciembre dicembre dezembro дек декабря декабрь grudzien grudnia gru prosinec
    prosince aralık joulukuu joulukuuta грудень грудня δεκεμβριος δεκεμβριου δεκ decembrie desember
"""
_MONTH = {word: k for k, words in enumerate(_MONTHS.split("|"), 1) for word in words.split()}
_ROMAN = {word: k for k, word in enumerate(re.findall(r"\w+", "i ii iii iv v vi vii viii ix x xi xii"), 1)}
# weekdays and particles: they say nothing that the rest of a date does not
_IDLE = frozenset(
    re.findall(r"\w+", """mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday mo di mi
    do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag de del of den the at fy uhr st nd rd th г
    年 月 日 时 時 년 월 일 시""")
)  # fmt: skip
_WORDS = frozenset(
    re.findall(r"\w+", """am pm a p m t z q w h e k kw week woche quarter quartal utc gmt pst pdt est edt cst cdt mst mdt cet cest to
    bis usd eur chf gbp jpy inr rs kr b hy""")
)  # fmt: skip
_TIME = r"(?:[t :,_-]+(?P<h>\d{1,2})(?:[:.h](?P<mi>\d\d))?(?:[:.](?P<s>\d\d)(?:[.,]\d+)?)? ?-?(?P<ap>[ap])?\.? ?m?\.?)?"
_ZONE = r" ?(?:(?:utc|gmt) ?(?=[+-]))?(?P<off>z|[+-]\d\d?(?::?\d\d)?|utc|gmt|mes?z|msk|[a-z]{2,4}t)?(?: ?(?:utc|gmt|[a-z]{2,4}t))?"
_HOURS = {"wet": 0, "bst": 1, "west": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3} | {
    zone + half: k + (half == "dt") for k, zone in zip((-8, -7, -6, -5), "pmce") for half in ("st", "dt")
}
"""Hours that clocks of these names are ahead of UTC."""
_Q = r"(?:q|t|k|quarter|quartal|trim\.?|trimest(?:re|er)|kwartal|kvartal|квартал|кв\.?)"
_FORMS = [
    re.compile(form)
    for form in (
        r"(?P<a>\d{1,4})[-/. ] ?(?P<b>\d{1,2})[-/. ] ?(?P<c>\d{4}|\d{1,2})" + _TIME + _ZONE,
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:[t :_]?(?P<h>\d\d):?(?P<mi>\d\d)?:?(?P<s>\d\d)?)?" + _ZONE,
        r"(?:(?P<d>\d{1,2})[-/. ,]*)?@(?P<m>\d\d)[-/. ,']*(?P<y>\d{4}|\d\d)" + _TIME + _ZONE,
        r"@(?P<m>\d\d)[-. ,]*(?P<d>\d{1,2})[ ,]+(?P<y>\d{4})" + _TIME + _ZONE,
        r"@(?P<m>\d\d) (?P<d>\d{1,2}) (?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d) (?:[a-z]{3,4} |(?P<off>[+-]\d{4}) )?(?P<y>\d{4})",
        r"(?P<y>\d{4}|\d{1,2})[-/. ]*@(?P<m>\d\d)(?:[-/. ]*(?P<d>\d{1,2}))?" + _TIME + _ZONE,
        rf"(?P<y>\d{{4}}|\d\d)[-/.: ]?{_Q} ?(?P<q>[1-4])", rf"{_Q} ?(?P<q>[1-4])[-/' .,]*(?P<y>\d{{4}}|\d\d)",
        rf"(?P<q>[1-4])(?:\.|er?|eme|o|a)? ?{_Q}[-/' .]*(?P<y>\d{{4}}|\d\d)",
        r"(?P<y>\d{4}|\d\d)[-/.: ]?(?:hy?|s) ?(?P<hy>[12])", r"(?:hy?|s) ?(?P<hy>[12])[-/' .,]*(?P<y>\d{4}|\d\d)",
        r"(?P<hy>[12])(?:\. ?halbjahr| ?hy?)[-/' .,]*(?P<y>\d{4}|\d\d)",
        r"(?P<y>\d{4})[-/ ]?(?:w|kw|week|woche|s(?=\d\d)) ?(?P<w>\d{1,2})(?:-?(?P<wd>[1-7]))?",
        r"(?:w|kw|week|woche|s(?=\d\d))\.? ?(?P<w>\d{1,2})[-/ .,]+(?P<y>\d{4})",
        r"(?P<y>\d{4}|\d{1,2})(?:[-/. :]m?|m)(?P<m>\d{1,2})", r"(?P<m>\d{1,2})[-/. ](?P<y>\d{4}|\d\d)",
        r"(?P<w>\d{1,2})[-/.](?P<y>\d{4})", r"(?P<y>\d{4})[-/.](?P<w>\d{1,2})", r"(?P<y>\d{4})-?(?P<j>\d{3})",
        r"(?P<y>\d{4})(?P<m>\d\d)", r"(?P<y>\d{4})",
    )
]  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(r"(?P<h>\d{1,2})[:.h](?P<mi>\d\d)(?:[:.](?P<s>\d\d)(?:[.,]\d+)?)? ?-?(?P<ap>[ap])?\.?m?\.?")
_BETWEEN = re.compile(r"\s*(?:/|-|–|—|\bto\b|\bbis\b)\s*")
_MONTH_TO_MONTH = re.compile(r"(@\d\d) ?[-–] ?@\d\d")
_DAYS = (
    (20_000, 80_000, 25_569, "Excel's serial dates"),
    (600_000, 800_000, 719_529, "MATLAB's serial dates"),
    (2.3e6, 2.6e6, 2_440_587.5, "Julian days"),
)
"""Numbers of days from where to where, the one of 1970-01-01, and what they are."""
_UNITS = {"s": 1, "ms": 1e3, "µs": 1e6, "ns": 1e9}
_HINT = re.compile(
    r"(date|datum|fecha|time|zeit|period|timestamp|unix|epoch)\w*|dt|ts|yr|yyyy\w*|data|jour|day|tag|month|monat|mes|mois|year|jahr"
    r"|ano|annee|quarter|quartal|week|woche|months|years|dteday"
    r"|дата|год|месяц|日期|时间|時間|年月日|年月|年份|月份|日付|日時|날짜|일자|일시"
)
_PARTS = {
    "year": "year yr yyyy jahr ano annee anno", "month": "month mon mo mm monat mes mois mese period",
    "day": "day dd dy tag dia jour giorno mday",
    "hour": "hour hr hh he hours stunde std heure hora ora", "minute": "minute min minuto", "quarter": "quarter qtr quartal",
    "week": "week woche kw isoweek", "day of the year": "doy yday dayofyear",
}  # fmt: skip
_BOUNDS = {
    "year": (1000, 2999), "month": (1, 12), "day": (1, 31), "hour": (0, 24), "minute": (0, 59), "quarter": (1, 4), "week": (1, 53),
    "day of the year": (1, 366),
}  # fmt: skip


@dataclass(frozen=True)
class Dates:
    """A column of dates. values : (rows,) datetime64[s], NaT where none could be read; notes : on how they were read."""

    values: np.ndarray
    notes: tuple[str, ...] = ()


def date_like(word: str) -> bool:
    """Whether a word, or a piece of one, belongs to dates, times and amounts of money."""
    word = _plain(word)
    return word in _MONTH or word in _IDLE or word in _WORDS


def month_of(name: str) -> int:
    """Which month a word names, 1 to 12; 0 if none."""
    return _MONTH.get(_plain(name), 0)


def hints(name: str) -> bool:
    """Whether the name of a column says that it holds dates."""
    return any(map(_HINT.fullmatch, _words(name)))


def part_of(name: str) -> str | None:
    """Which part of a date a column of that name holds: "year", "month", … or None."""
    words = _words(name)
    return next((part for part, known in _PARTS.items() if len(words) == 1 and words[0] in known.split()), None)


def read_dates(cells: Sequence[str], empty: np.ndarray, day_first: bool | None = None) -> Dates | None:
    """Cells as dates, in whichever way reads them best; None if less than nine in ten are any."""
    there = np.flatnonzero(~empty)
    if not len(there):
        return None
    sample = [cells[k] for k in there[np.unique(np.linspace(0, len(there) - 1, 300).astype(int))]]
    notes: list[str] = []
    if all(map(_first_half, sample)):
        cells, sample = [_first_half(cell) or cell for cell in cells], list(map(_first_half, sample))
        notes.append("periods stand at their beginning")
    simple = [_simple(cell) for cell in sample]
    forms = [form for form in _FORMS if sum(map(bool, map(form.fullmatch, simple))) >= 0.9 * len(simple)]
    if not forms:
        return None
    told = list(map(_simple, cells))
    tried = list(chain.from_iterable(_readings(form, told, day_first) for form in forms))
    tried.sort(key=lambda one: one[0])  # stable: of equals the first
    (missing, *rest), values, how, said = tried[0]
    if missing - int(empty.sum()) > 0.1 * len(there):
        return None
    doubt = len(tried) > 1 and tried[1][0] == (missing, *rest) and (tried[1][1] != values)[~np.isnat(values)].any()
    doubt = doubt and how[:1] not in ("", "y")  # a year in front is followed by its month
    return Dates(values, (*notes, *([f"dates were read as {how}"] if doubt else []), *said))


def dates_of_numbers(values: np.ndarray, name: str) -> Dates | None:
    """Numbers that count days or seconds, or that are years, as dates; None if they are not.

    Where the name of the column does not say that it holds dates, only rows in order are taken for dates.
    """
    named = hints(name)
    known = values[np.isfinite(values)]
    if not len(known) or np.abs(known).max() > 1e20:
        return None
    steps, whole, low, high = np.diff(known), bool((known == np.round(known)).all()), known.min(), known.max()
    ordered = len(steps) > 0 and bool((steps > 0).all() or (steps < 0).all())
    if not named and not (ordered and whole):
        return None
    texts, gone = [str(int(v)) if v == v else "" for v in values] if whole and high < 1e15 else [], ~np.isfinite(values)
    if texts and low > 1.9e9 and {len(text) for text in texts if text} < {10, 12, 14} | {0}:
        compact = read_dates(texts, gone)
        if compact is not None and not np.isnat(compact.values[~gone]).any():
            return compact
    if texts and "week" in _words(name)[:1] + _words(name)[-1:] and low > 150_000 and high < 230_054:
        return read_dates([f"{text[:4]}-w{text[4:]}" for text in texts], gone)
    for unit, scale in _UNITS.items():
        if (
            3.15e8 * scale <= low
            and high <= 4.2e9 * scale
            and (named or 10 * (steps == np.median(steps)).sum() > 8 * len(steps))
        ):
            return Dates(_seconds(values / scale), (f"numbers were read as Unix time in {unit}, UTC",))
    if texts and named and ordered and low > 1.5e6 and high < 2.3e6:  # 2024001: the first day of 2024
        return read_dates(texts, gone)
    if whole and ((low > 1500 and high < 2300) or (low > 15e6 and high < 23e6) or (low > 150_000 and high < 230_013)):
        if high < 2300 and not (
            (named and len(_words(name)) == 1) or (ordered and (named or (np.abs(steps) == 1).all()))
        ):
            return None
        return read_dates(texts, gone)
    if named and ordered:
        for least, most, start, whose in _DAYS:
            if least < low and high < most:
                return Dates(_seconds(np.round((values - start) * 86_400)), (f"numbers were read as {whose}",))
    if named and ordered and low > 1500 and high < 2300:
        months = np.round((values - 1970) * 12)
        if np.nanmax(np.abs((values - 1970) * 12 - months)) < 0.1:
            return Dates(
                _stamp(1970 + months // 12, months % 12 + 1, np.ones(len(values))),
                ("numbers were read as decimal years",),
            )
    return None


def read_clock(cells: Sequence[str], empty: np.ndarray, name: str) -> np.ndarray | None:
    """(rows,) seconds since midnight of a column of times of the day, nan where there is none; None if it is no such column."""
    probe = [cell for cell, no in zip(cells[:200], empty) if not no][:20]
    named = any(word.startswith(("time", "zeit")) for word in _words(name))
    if not probe or not (named or sum(bool(_CLOCK.fullmatch(_simple(cell))) for cell in probe) > 0.8 * len(probe)):
        return None
    compact = {len(cell) for cell, no in zip(cells, empty) if not no}
    if named and compact in ({4}, {6}) and all(map(str.isdigit, probe)):
        cells = [f"{cell[:2]}:{cell[2:4]}:{cell[4:] or '00'}" for cell in cells]
    fields = _fields(_CLOCK, [_simple(cell) for cell in cells])
    seconds = _time(fields)
    known = fields["h"] >= 0
    seconds[~known | ~(seconds <= 86_400)] = np.nan
    return seconds if np.isfinite(seconds).sum() >= 0.95 * (~empty).sum() else None


def from_parts(parts: dict[str, np.ndarray]) -> np.ndarray | None:
    """(rows,) datetime64[s] of columns of numbers called "year", "month" … ; None if they do not make dates."""
    for part, values in parts.items():
        low, high = _BOUNDS[part]
        if not ((values >= low) & (values <= high) & (values == np.round(values)) | np.isnan(values)).all():
            return None
    ones = np.ones(len(parts["year"]))
    month = parts.get("month", 3 * parts["quarter"] - 2 if "quarter" in parts else ones)
    if "week" in parts and "month" not in parts:
        dates = _week(parts["year"], parts["week"], ones)
    else:
        dates = _stamp(parts["year"], month, parts.get("day", ones))
        dates += (np.nan_to_num(parts.get("day of the year", ones)) - 1).astype("timedelta64[D]")
    seconds = 3600 * parts.get("hour", 0 * ones) + 60 * parts.get("minute", 0 * ones)
    dates[np.isnan(seconds)] = np.datetime64("NaT")
    return dates + np.nan_to_num(seconds).astype("timedelta64[s]")


# One way to read a column -------------------------------------------------------------------------------------------


def _readings(form: re.Pattern[str], cells: list[str], day_first: bool | None):
    """(how bad, values, how, notes) for each order in which the fields of a form may stand."""
    fields = _fields(form, cells)
    orders: list[dict[str, str]] = [{}]
    if "a" in fields:
        there = fields["a"] >= 0
        year_first, year_last = (np.median(fields[key][there]) > 999 for key in "ac")
        two = not year_last and (fields["len a"][there] == 2).all()
        orders = [
            dict(zip("abc", order)) for order in (("ymd", "ydm") if year_first else ("dmy", "mdy", "ymd")[: 2 + two])
        ]
        if day_first is not None and not year_first:
            orders = [order for order in orders if (order["a"] == "d") == day_first]
        elif not year_first and (fields["ap"] >= 0).any():  # a 12-hour clock: rather American
            orders.sort(key=lambda one: one["a"] != "m")
    for order in orders:
        now = {order.get(key, key): column for key, column in fields.items()}
        values, said = _values(now)
        known = values[~np.isnat(values)]
        apart = np.diff(known).astype(np.int64)
        disorder = min(int((apart < 0).sum()), int((apart > 0).sum()))
        speech = "/".join({"d": "day", "m": "month", "y": "year"}[field] for field in order.values())
        yield (int(np.isnat(values).sum()), disorder, _uneven(known, apart)), values, speech, said


def _uneven(known: np.ndarray, apart: np.ndarray) -> float:
    """The share of steps that are not the usual one, in seconds or in months."""
    if len(known) < 3:
        return 0.0
    months = known.astype("datetime64[M]")
    monthly = ((known - months) == (known - months)[0]).all()
    steps = np.diff(months).astype(int) if monthly else apart
    return 1 - int(np.unique(steps, return_counts=True)[1].max()) / len(steps)


def _values(fields: dict[str, np.ndarray]) -> tuple[np.ndarray, list[str]]:
    """The dates that fields of numbers make (-1: nothing there), and notes."""
    said: list[str] = []
    year, there = fields["y"].astype(float), fields["y"] >= 0
    digits = fields["len y"][there]
    if len(digits) and (digits <= 2).all() and not (digits == 1).any():
        year[there] = _century(fields["y"][there])
        said.append(f"years of two digits were read as {year[there].min():.0f} to {year[there].max():.0f}")
    elif len(digits) and (digits == 1).any():
        if "m" not in fields or digits.max() > 2 or ("d" in fields and (fields["d"] >= 0).any()):
            there[:] = False
        said.append(f"years are counted from {year.min():.0f}, as in the file")
    if there.any() and year[there].min() > 2443:
        year -= 543
        said.append("years were read as those of the Buddhist era, which are 543 ahead")
    year[~there | (year < 1)] = np.nan
    ones = np.ones(len(year))
    if "w" in fields:
        dates = _week(year, fields["w"].astype(float), np.where(fields.get("wd", -ones) > 0, fields.get("wd", ones), 1))
    else:
        month = next(
            (per * fields[part] - per + 1 for part, per in (("m", 1), ("q", 3), ("hy", 6)) if part in fields), ones
        )
        if (
            "d" not in fields
            and "m" in fields
            and len(month) > 4
            and set(np.unique(month[there]).tolist()) == {1, 2, 3, 4}
        ):
            month = 3 * month - 2  # 1956:1 to 1956:4 are quarters
            said.append("the numbers 1 to 4 after the year were read as quarters")
        day = np.where(fields["d"] >= 0, fields["d"], 1) if "d" in fields else ones
        dates = _stamp(year, month.astype(float), day.astype(float))
        if "j" in fields:  # the day of the year
            dates = dates + (fields["j"] - 1).astype("timedelta64[D]")
            dates[(fields["j"] < 1) | (dates.astype("datetime64[Y]").astype(int) + 1970 != year)] = np.datetime64("NaT")
    if "h" not in fields:
        return dates, said
    seconds = _time(fields)
    dates[~(seconds <= 86_400)] = np.datetime64("NaT")
    dates = dates + np.nan_to_num(seconds).astype("timedelta64[s]")
    offset = fields["off"]
    if len(set(offset[there & ~np.isnat(dates)].tolist())) > 1:
        dates = dates - np.where(offset > -86_400, offset, 0).astype("timedelta64[s]")
        said.append("the offsets from UTC change, so all are told in UTC")
    return dates, said


def _fields(form: re.Pattern[str], cells: list[str]) -> dict[str, np.ndarray]:
    """Each group of a form as (cells,) integers, -1 where it found nothing; "ap" is 0 or 12, "off" in seconds."""
    found = [form.fullmatch(cell) for cell in cells]
    fields = {}
    for group in form.groupindex:
        texts = [match[group] if match else None for match in found]
        number = {"off": _offset, "ap": lambda text: -1 if text is None else 12 * (text == "p")}.get(group, _integer)
        fields[group] = np.array([number(text) for text in texts], np.int64)
        if group in "yabc":
            fields[f"len {group}"] = np.array([len(text or "") for text in texts])
    if "a" in fields:  # whichever of them is the year
        longest = np.maximum(fields["len a"], fields["len c"])
        fields["len y"] = np.where(longest > 2, longest, 2)
    return fields


def _integer(text: str | None) -> int:
    return -1 if text is None else int(text)


def _offset(text: str | None) -> int:
    if not text:
        return -1_000_000
    if text[0].isalpha():
        return 0 if text in ("z", "utc", "gmt") else 3600 * _HOURS[text] if text in _HOURS else -1_000_000
    digits = text[1:].replace(":", "")
    digits = digits.zfill(2 if len(digits) < 3 else 4).ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (3600 * int(digits[:2]) + 60 * int(digits[2:]))


def _time(fields: dict[str, np.ndarray]) -> np.ndarray:
    """(rows,) seconds since midnight; nan for an hour, minute or second that no clock shows."""
    hour, minute, second = (np.where(fields[key] >= 0, fields[key], 0).astype(float) for key in ("h", "mi", "s"))
    half = fields.get("ap", np.full(len(hour), -1))
    hour[(half >= 0) & (hour > 12)] = np.nan
    hour = np.where(half >= 0, hour % 12 + half, hour)
    minute[(minute > 59) | (second > 59)] = np.nan
    return 3600 * hour + 60 * minute + second


def _century(years: np.ndarray) -> np.ndarray:
    """Years of two digits in full: rows that are in order stay so, and no past lies in the future."""
    step = np.diff(years)
    run = np.concatenate([[0], np.cumsum((step < -50).astype(int) - (step > 50))])
    full, latest = years + 100 * run, np.datetime64("now").astype("datetime64[Y]").astype(int) + 1971
    ordered = (np.diff(full) >= 0).all() or (np.diff(full) <= 0).all()
    if not ordered:
        return np.where(years + 2000 > latest, years + 1900, years + 2000)
    return full + 100 * ((latest - full.max()) // 100)


def _stamp(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """(rows,) datetime64[s]; NaT where the calendar has no such day."""
    good = np.isfinite(year) & np.isfinite(month) & np.isfinite(day)
    y, m, d = (np.where(good, part, 1).astype(np.int64) for part in (year, month, day))
    months = ((y - 1970) * 12 + m - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (d - 1)
    good &= (m >= 1) & (m <= 12) & (days.astype("datetime64[M]") == months) & (y >= 1) & (y <= 9999)
    dates = days.astype("datetime64[s]")
    dates[~good] = np.datetime64("NaT")
    return dates


def _week(year: np.ndarray, week: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """(rows,) datetime64[s] of ISO weeks: the Monday of week 1 is that of the 4th of January."""
    fourth = _stamp(year, np.ones(len(year)), np.full(len(year), 4.0)).astype("datetime64[D]")
    since = (fourth.astype(np.int64) + 3) % 7
    dates = (fourth - since + np.nan_to_num(7 * (week - 1) + weekday - 1).astype(np.int64)).astype("datetime64[s]")
    dates[~((week >= 1) & (week <= 53)) | np.isnat(fourth)] = np.datetime64("NaT")
    return dates


def _seconds(values: np.ndarray) -> np.ndarray:
    dates = np.nan_to_num(values).astype(np.int64).astype("datetime64[s]")
    dates[~np.isfinite(values)] = np.datetime64("NaT")
    return dates


# Spelling -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    """In lower case and without accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word[:40].lower()) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def _words(name: str) -> list[str]:
    """The words of a name, in lower case: "openTime", "Open_time" and "open time" have two."""
    return [_plain(word) for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))]


def _simple(cell: str) -> str:
    """A date with its months as @01 to @12, without weekdays, in lower case and with single spaces."""
    cell = cell.split(" (")[0]  # as JavaScript ends: (Central European Standard Time)
    if len(cell) > 60:
        return ""
    if not _LETTERS.search(cell):
        return cell.strip(" ,.")
    cell = _LETTERS.sub(lambda word: _told(word[0], word.start() == 0), cell)
    cell = _MONTH_TO_MONTH.sub(r"\1", cell)
    return " ".join(cell.split()).strip(" ,.")


@lru_cache(maxsize=4096)
def _told(word: str, first: bool) -> str:
    word = _plain(word)
    if word in _ROMAN:  # of a month, or in front of a year perhaps of a quarter
        return f"{'' if first else '@'}{_ROMAN[word]:02d}"
    return f"@{_MONTH[word]:02d}" if word in _MONTH else " " if word in _IDLE else word


@lru_cache(maxsize=4096)
def _first_half(cell: str) -> str:
    """Of "31.12.2018-06.01.2019" or "2019/20" what stands before the middle; empty if it is no period."""
    marks = list(_BETWEEN.finditer(cell)) if len(cell) < 90 else []
    if len(marks) % 2 == 0:
        return ""
    start, end = cell[: marks[len(marks) // 2].start()], cell[marks[len(marks) // 2].end() :]
    years = start[-4:].isdigit() and end.isdigit() and len(end) in (2, 4)
    if years and len(start) < 8:
        return start if (int(start[-4:]) + 1 - int(end)) % 10 ** len(end) == 0 else ""
    alike = re.sub(r"\d+", "9", start) == re.sub(r"\d+", "9", end)
    return start if alike and len(start) > 4 else ""
