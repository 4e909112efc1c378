"""Files of labelled texts are written in one of the many ways people write them, and must be read back as the same texts and labels."""

from __future__ import annotations

import csv
import io
import random
import re

import pytest

from lstm.datasets.topics import LabelledTexts, labelled
from lstm.datasets.uploads import read_upload

CASES = 500
WORDS = {
    "en": re.findall(
        r"\S+", "the striker missed a late penalty and budget talks went on until prices fell, said nobody"
    ),
    "de": re.findall(r"\S+", "Äpfel und Birnen fielen über Nacht; niemand weiß warum größere Bäume schöner blühen"),
    "hi": re.findall(r"\S+", "यह फिल्म बहुत अच्छी है मुझे किताब पसंद नहीं आई खाना स्वादिष्ट था"),
    "zh": list("手机发布了新系统运动员打破纪录科学家开发软件球队赢得比赛今晚开始"),
}
LABELS = {
    "en": ["spam", "ham", "other"],
    "de": ["gut", "schlecht"],
    "hi": ["अच्छा", "बुरा"],
    "zh": ["科技", "体育"],
    "numbers": ["0", "4"],
}


def read_labelled(data: bytes, name: str) -> LabelledTexts:
    return labelled(read_upload(data, name).text, name)


def write(rng: random.Random) -> tuple[bytes, list[tuple[str, str]], dict[str, object]]:
    """A file, its texts with their labels, and how it was written."""
    language = rng.choice(list(WORDS))
    labels = LABELS[rng.choice([language, "numbers"])]
    header = rng.choice(["usual", "strange", "none"])
    delimiter = rng.choice([",", ",", ";", "\t", "\t"])
    raw = delimiter == "\t" and rng.random() < 0.5
    lines = not raw and rng.random() < 0.15
    rows = rng.randint(60, 140)
    pairs = []
    for k in range(rows):
        chosen = [rng.choice(WORDS[language]) for _ in range(rng.randint(9, 16))]
        text = ("" if language == "zh" else " ").join(chosen)
        if rng.random() < 0.2:
            text = f'"{text}' if raw else f'he said "{text}" to me' if language == "en" else text
        if lines and rng.random() < 0.3:
            text = text[: len(text) // 2] + "\n" + text[len(text) // 2 :]
        pairs.append((f"{text.strip()} {k}" if language != "zh" else f"{text}{k}", labels[k % len(labels)]))
    text_name, label_name = {"usual": rng.choice([("text", "label"), ("message", "category"), ("Review", "Sentiment")]),
                             "strange": ("v2", "v1"), "none": ("", "")}[header]  # fmt: skip
    columns = [(text_name, [text for text, _ in pairs]), (label_name, [label for _, label in pairs])]
    rng.shuffle(columns)
    extra = rng.choice(["", "", "index", "empty", "constant", "dates", "users"])
    if extra == "index":
        columns.insert(0, ("", [str(k) for k in range(rows)]))
    elif extra == "empty":
        columns += [("", [""] * rows)] * 3
    elif extra == "constant":
        columns.insert(rng.randint(0, 2), ("query", ["NO_QUERY"] * rows))
    elif extra == "dates":
        columns.insert(1, ("created", [f"Mon Apr 06 22:{k // 60 % 60:02d}:{k % 60:02d} PDT 2009" for k in range(rows)]))
    elif extra == "users":
        columns.insert(1, ("user", [f"user{rng.randint(0, 10**6)}" for _ in range(rows)]))
    table = [list(row) for row in zip(*(cells for _, cells in columns))]
    if header != "none":
        table.insert(0, [name for name, _ in columns])
    if raw:
        content = "".join("\t".join(row) + "\n" for row in table)
    else:
        text = io.StringIO()
        quoting = csv.QUOTE_ALL if rng.random() < 0.3 else csv.QUOTE_MINIMAL
        csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(table)
        content = text.getvalue()
    encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16"])
    how = {
        "language": language,
        "header": header,
        "delimiter": delimiter,
        "raw": raw,
        "lines": lines,
        "extra": extra,
        "labels": labels,
    }
    return content.replace("\n", rng.choice(["\n", "\r\n"])).encode(encoding), pairs, how


@pytest.mark.parametrize("part", range(5))
def test_what_was_written_is_read(part: int) -> None:
    for seed in range(part * CASES // 5, (part + 1) * CASES // 5):
        check(seed)


def check(seed: int) -> None:
    data, pairs, how = write(random.Random(seed))
    found = read_labelled(data, "mine.csv")
    read = [(text, found.classes[k]) for text, k in zip(found.texts, found.labels)]
    assert read == pairs, (seed, how, found.columns)
