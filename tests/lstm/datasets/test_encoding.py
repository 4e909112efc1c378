"""Which encoding a file is in: marks, UTF-8, UTF-16 without a mark, and a guess, said to be one, for what is older."""

from __future__ import annotations

import pytest

from lstm.datasets.encoding import NAMES, decode

TEXTS = {
    "German": ("Das Wetter für heute ist schön. Größe und Übermut tut selten gut.\n", ["cp1252", "mac_roman", "cp850"]),
    "English": ("It’s a “test” – naïve café costs 5… And that’s it.\n", ["cp1252", "mac_roman"]),
    "one kind of mark": ("It’s a test. Don’t worry.\n", ["cp1252", "mac_roman"]),
    "pounds": ("A cup of tea costs £5.\n", ["cp1252"]),
    "French": ("Ça va très bien, l’été est déjà là, où êtes-vous ? Cœur, garçon.\n", ["cp1252", "mac_roman"]),
    "Spanish": ("¿Dónde está el niño? ¡Mañana será otro día! El camión pasó.\n", ["cp1252", "mac_roman", "cp850"]),
    "Swedish": ("Våren är här och blommorna slår ut. Vi går till parken, ÅÄÖ.\n", ["cp1252", "mac_roman"]),
    "Polish": (
        "Wiosna przyszła i kwiaty zakwitły. Idziemy do parku z dziećmi, żeby się bawić. Gęś, źle.\n",
        ["cp1250", "iso8859_2", "mac_latin2", "cp852"],
    ),
    "Czech": ("Jaro přišlo a květiny rozkvetly. Příliš žluťoučký kůň.\n", ["cp1250", "iso8859_2"]),
    "Hungarian": ("Megjött a tavasz, és kinyíltak a virágok. Őszi árvíztűrő.\n", ["cp1250", "iso8859_2"]),
    "Turkish": ("İlkbahar geldi ve çiçekler açtı. Çocuklarla parka gidiyoruz, ışık güzel, değil.\n", ["cp1254"]),
    "Lithuanian": ("Pavasaris atėjo ir gėlės pražydo. Einame į parką žiūrėti ąžuolų.\n", ["cp1257"]),
    "Russian": (
        "Вишнёвый сад. Комната, которая до сих пор называется детскою.\n",
        ["cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"],
    ),
    "Ukrainian": ("Прийшла весна, і розквітли квіти. Їжак, ґанок, є.\n", ["cp1251", "koi8_u"]),
    "Greek": ("Η άνοιξη ήρθε και τα λουλούδια άνθισαν. Πάμε στο πάρκο.\n", ["cp1253", "iso8859_7"]),
    "Hebrew": ("האביב הגיע והפרחים פרחו. אנחנו הולכים לפארק.\n", ["cp1255"]),
    "Arabic": ("جاء الربيع وتفتحت الأزهار. نذهب إلى الحديقة مع الأطفال.\n", ["cp1256", "iso8859_6"]),
    "Thai": ("ฤดูใบไม้ผลิมาถึงแล้ว ดอกไม้บาน เราไปสวนสาธารณะกับเด็กๆ\n", ["cp874"]),
    "Chinese": ("春天来了，花开了。我们去公园散步，孩子们很高兴。2020年1月\n", ["gb18030"]),
    "Taiwanese": ("春天來了，花開了。我們去公園散步，孩子們很高興。\n", ["big5"]),
    "Japanese": ("春が来ました。花が咲いています。私たちは公園を散歩します。\n", ["cp932", "euc_jp"]),
    "Korean": ("봄이 왔습니다. 꽃이 피었습니다. 우리는 공원에서 산책합니다.\n", ["cp949"]),
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("times", [1, 30])
def test_the_encodings_of_many_languages_are_told_apart_and_the_guess_is_said(language: str, times: int) -> None:
    text, encodings = TEXTS[language]
    for codec in encodings:
        found = decode((text * times).encode(codec), "a.txt")
        assert found.text == text * times, (codec, found.encoding)
        assert found.notes == (
            f"it is not UTF-8 and was read as {found.encoding}; if letters look wrong, save it as UTF-8",
        )
        assert found.encoding in NAMES.values() and found.encoding not in found.others


@pytest.mark.parametrize("language", TEXTS)
def test_utf16_without_a_mark_is_read_in_either_order(language: str) -> None:
    text, _ = TEXTS[language]
    for codec, order in (("utf-16-le", "little"), ("utf-16-be", "big")):
        found = decode(text.encode(codec), "a.txt")
        assert (found.text, found.encoding) == (text, "UTF-16")
        assert found.notes == (f"it is UTF-16 ({order}-endian) without a byte-order mark",)


def test_another_encoding_can_be_asked_for() -> None:
    data = "Łódź".encode("cp1250")
    assert decode(data, "a.txt", "Windows-1250").text == decode(data, "a.txt", "cp1250").text == "Łódź"
    assert decode(data, "a.txt", "cp1250").notes == ("it was read as Windows-1250, as asked for",)
    with pytest.raises(ValueError, match=r"^encoding must be one of Windows-1252, .*, got 'latin-9'$"):
        decode(data, "a.txt", "latin-9")
    with pytest.raises(ValueError, match=r"^a\.txt is not Windows-1252: some of its bytes stand for nothing there$"):
        decode(b"a\x81b", "a.txt", "cp1252")


def test_a_little_damage_in_much_utf8_is_shown_and_said() -> None:
    text = "Größe und Übermut. " * 20
    data = text.encode()[:30] + b"\xff" + text.encode()[30:]
    found = decode(data, "a.txt")
    assert found.text.count("\ufffd") == 1 and found.text.replace("\ufffd", "") == text
    assert found.notes == ("a place is not valid UTF-8, the first at byte 30: each is shown as \ufffd",)


def test_much_ascii_before_the_first_other_letter_does_not_hide_it() -> None:
    data = b"plain text\n" * 100_000 + "Größe\n".encode("cp1252")
    assert decode(data, "a.txt").text.endswith("Größe\n")
