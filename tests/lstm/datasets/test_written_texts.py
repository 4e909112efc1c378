"""Texts of known words are written in the many ways texts come, and must be read back with the same words and characters.

`LSTM_LAB_DRAWS=500 pytest tests/lstm/datasets/test_written_texts.py` writes 500.
"""

from __future__ import annotations

import os
import random
import unicodedata

import pytest

from lstm.datasets import describe, read_upload

DRAWS = int(os.environ.get("LSTM_LAB_DRAWS", "60"))
SPACED = {
    "English": "the weather was fine and we walked along the river to the old mill don't it’s naïve café",
    "German": "der Käse schmeckt süß und die Tür ist grün größer schöner Übermut täglich für müde Äpfel",
    "French": "été là déjà où êtes garçon cœur très bien forêt hôtel naïf leçon français élève",
    "Spanish": "niño mañana será camión pasó corazón también árbol señor año aquí pingüino",
    "Polish": "wiosna przyszła kwiaty zakwitły żeby gęś źle dziećmi łódź święto może ćma końca",
    "Turkish": "ilkbahar geldi çiçekler açtı ışık güzel değil İstanbul şehir küçük ağaç öğle",
    "Russian": "съешь же ещё этих мягких французских булок да выпей чаю ёлка Вишнёвый сад",
    "Greek": "η άνοιξη ήρθε και τα λουλούδια άνθισαν πάμε στο πάρκο θάλασσα ουρανός",
    "Hebrew": "האביב הגיע והפרחים פרחו אנחנו הולכים לפארק ילדים שמחים",
    "Arabic": "جاء الربيع وتفتحت الأزهار نذهب إلى الحديقة مع الأطفال شمس",
    "Hindi": "यह एक छोटी सी कहानी है जिसमें बच्चे नदी के किनारे खेलते हैं माँ उन्हें मीठी",
    "Korean": "봄이 왔습니다 꽃이 피었습니다 우리는 공원에서 산책합니다 아이들이 즐겁게",
}
UNSPACED = {
    "Chinese": "春天来了花开我们去公园散步孩子很高兴",
    "Japanese": "春が来ました花が咲いています私は公園を歩きます",
    "Thai": "ฤดูใบไม้ผลิมาถึงแล้วดอกไม้บานเราไปสวน",
}
OLDER = {
    "German": ("cp1252", "mac_roman", "cp850"), "French": ("cp1252", "mac_roman"), "Spanish": ("cp1252", "mac_roman"),
    "Polish": ("cp1250", "iso8859_2"), "Turkish": ("cp1254",), "Russian": ("cp1251", "koi8_r", "cp866"), "Greek": ("cp1253", "iso8859_7"),
    "Hebrew": ("cp1255",), "Arabic": ("cp1256",), "Korean": ("cp949",), "Chinese": ("gb18030",), "Japanese": ("cp932", "euc_jp"),
    "Thai": ("cp874",),
}  # fmt: skip
"""The encodings from before UTF-8 in which each language's texts were kept."""
START, END = "*** START OF THE PROJECT GUTENBERG EBOOK MINE ***", "*** END OF THE PROJECT GUTENBERG EBOOK MINE ***"


def clusters(word: str) -> list[str]:
    """The letters of a word with their marks; in Hindi consonants that a virama joins are one."""
    found: list[str] = []
    for c in unicodedata.normalize("NFC", word):
        joined = unicodedata.category(c)[0] == "M" or c == "\u0e33"  # Thai's vowel am is a letter
        if found and (joined or (found[-1][-1] == "\u094d" and c.isalpha())):
            found[-1] += c
        else:
            found.append(c)
    return found


@pytest.mark.parametrize("part", range(5))
def test_what_was_written_is_read(part: int) -> None:
    for seed in range(part * DRAWS // 5, (part + 1) * DRAWS // 5):
        check(seed)


@pytest.mark.parametrize("seed", [229, 310])
def test_hebrew_is_not_taken_for_greek_without_accents(seed: int) -> None:
    check(seed)


def check(seed: int) -> None:
    rng = random.Random(seed)
    language = rng.choice([*SPACED, *UNSPACED])
    if language in SPACED:
        pool = SPACED[language].split()
        words = [rng.choice(pool) for _ in range(rng.randint(60, 400))]
        lines = [" ".join(words[k : k + 8]) + "." for k in range(0, len(words), 8)]
        words = [part for word in words for part in word.replace("’", "'").split("'")]
    else:
        words = [rng.choice(clusters(UNSPACED[language])) for _ in range(rng.randint(100, 400))]
        stop = "。" if language in ("Chinese", "Japanese") else " "
        lines = ["".join(words[k : k + 12]) + stop for k in range(0, len(words), 12)]
        lines = [line.strip() for line in lines]
    text = "\n".join(lines) + "\n"
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", *OLDER.get(language, ())])
    unicode = encoding.startswith("utf")
    form = rng.choice(["NFC", "NFD"]) if unicode else "NFC"
    end = rng.choice(["\n", "\r\n", "\r"])
    framed = rng.random() < 0.2
    whole = f"Header\n\n{START}\n\n{text}\n{END}\n\nLicence\n" if framed else text
    data = unicodedata.normalize(form, whole).replace("\n", end).encode(encoding)

    said = (seed, language, encoding, form, end, framed)
    upload = read_upload(data, "mine.txt")
    assert unicodedata.normalize("NFC", upload.text) == text, (said, upload.encoding)
    assert any("was read as" in note or "byte-order mark" in note for note in upload.notes) == (
        not unicode or encoding in ("utf-16-le", "utf-16-be")
    ), (said, upload.notes)
    assert any("Gutenberg" in note for note in upload.notes) == framed, said
    facts = describe(upload.text)
    lower = [word.replace("İ", "i").lower() for word in words]
    assert (facts.words, facts.distinct_words) == (len(words), len(set(lower))), said
    symbols = [c for line in lines for c in [*clusters(line), "\n"]]
    assert (facts.characters, facts.distinct) == (len(symbols), len(set(symbols))), said
    assert bool(facts.notes) == (language in UNSPACED), said
