"""What the lab makes of a file of labelled texts, before anything is trained on it: for the command line and the page alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm.datasets.topics import LabelledTexts, read_labelled


def look_topics(data: bytes, name: str, **options: Any) -> dict[str, Any]:
    """`facts_of` a file's bytes; `options` are those of `read_labelled`."""
    return facts_of(read_labelled(data, name, **options))


def facts_of(table: LabelledTexts) -> dict[str, Any]:
    """Kind, how many texts of each class, where they stood, and every note, as JSON can tell them."""
    counts = np.bincount(table.labels, minlength=len(table.classes)).tolist()
    lengths = table.lengths()
    return {
        "kind": "topics", "file": table.name, "texts": len(table.texts), "classes": dict(zip(table.classes, counts)),
        "text": table.columns[0], "label": table.columns[1], "words": {"mean": round(float(lengths.mean()), 1), "most": int(lengths.max())},
        "first": [text[:200] for text in table.texts[:3]], "notes": list(table.notes),
    }  # fmt: skip
