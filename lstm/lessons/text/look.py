"""What the lab makes of a text, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lstm.datasets import describe, read_upload
from lstm.datasets.uploads import LIMIT
from lstm.untrusted import contents, one_sentence


@one_sentence("the file cannot be read as a text")
def look_text(path: Path, encoding: str | None = None) -> dict[str, Any]:
    """Kind, encoding, characters, words, how it begins, and every note. ValueError, one sentence, if it is no text."""
    upload = read_upload(contents(path, 4 * LIMIT + 4), path.name, encoding=encoding)
    found = describe(upload.text)
    return {
        "kind": "text", "file": path.name, "encoding": upload.encoding, "characters": found.characters, "distinct": found.distinct,
        "words": found.words, "distinct_words": found.distinct_words, "first": list(found.first_lines[:3]),
        "notes": [*upload.notes, *found.notes],
    }  # fmt: skip
