"""The presets of Text generation: what earlier projects trained, what they printed, and what was wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OWN = "The lab's own"


@dataclass(frozen=True)
class TextPreset:
    """Settings that differ from the lab's defaults, and what the project they come from printed.

    `printed` has its figures by the lab's name for them; `reading` says how the lab's numbers compare.
    """

    values: Mapping[str, Any]
    printed: Mapping[str, str]
    summary: str
    to_beat: str
    reading: str
    alternative: str = "python_docs"
    """A corpus that needs no download, for a computer without the preset's."""


PRESETS: dict[str, TextPreset] = {
    "A Tale of Two Cities, by character": TextPreset(
        {
            "corpus": "tale_opening",
            "lowercase": True,
            "strip_punctuation": True,
            "units": 10,
            "time_steps": 25,
            "batch": 1,
            "optimizer": "sgd",
            "learning_rate": 1.25,
            "decay": "none",
            "clip": "norm",
            "clip_at": 1.0,
            "carry": 16,
            "budget": "passes",
            "epochs": 300.0,
        },
        {"training loss": "≈ 76 → ≈ 5 per 25 characters (0.20 nats) at epoch 915, then NaN"},
        "One layer of 10 units, 25 time steps, SGD, an excerpt in lower case without punctuation.",
        "Its gradients of the input gate and of the recurrent weights are wrong, it trains on 25 characters only, "
        "it does not clip, and it never writes a word.",
        "Its 0.20 nats are 25 characters learnt by heart. The lab reads the whole excerpt and clips, so that nothing "
        "blows up. The rate 1.25 is its 0.05: the lab takes the mean over 25 characters where it took the sum.",
        "tale_opening",
    ),
    "Two layers, Adagrad, one lane": TextPreset(
        {
            "corpus": "tiny_shakespeare",
            "limit": 100_000,
            "layers": 2,
            "units": 100,
            "time_steps": 25,
            "batch": 1,
            "optimizer": "adagrad",
            "learning_rate": 0.1,
            "decay": "none",
            "clip": "value",
            "clip_at": 0.04,
            "initial": "small_normal",
            "carry": 1,
            "budget": "passes",
            "epochs": 10.0,
        },
        {
            "training loss": "103.18 → 41.23 per 25 characters, smoothed (1.649 nats)",
            "seconds": "1,104",
            "characters per second": "815",
        },
        "Two layers of 100 units, one-hot, 25 time steps, one lane, Adagrad 0.1, 10 passes over 100,000 characters.",
        "One character stream at a time, no validation, no temperature, nothing saved, and the state thrown away "
        "every 25 characters.",
        "Same update for update: the state is thrown away here too (*carry* 1), and clipping at 0.04 is its ±1 on the "
        "sum over 25 characters.",
    ),
    "The Jungle Book, by word": TextPreset(
        {
            "corpus": "jungle_book",
            "level": "word",
            "limit": 100_000,
            "layers": 2,
            "units": 128,
            "time_steps": 10,
            "batch": 13,
            "optimizer": "adam",
            "learning_rate": 1e-3,
            "decay": "none",
            "clip": "none",
            "carry": 1,
            "budget": "passes",
            "epochs": 100.0,
        },
        {
            "distinct words": "2,503",
            "parameters": "1,803,079",
            "training loss": "6.47 → 1.2145",
            "validation loss": "not measured",
        },
        "Words instead of characters, windows of 10, 2 × 128 units, Adam 0.001, 100 passes over 100,000 characters.",
        "Project Gutenberg's header is in its training text, and prompts over ten words raise an error that is "
        "swallowed, so that the published sample is random words.",
        "The lab cuts the header off, so its first 100,000 characters are other ones, with other words in them. 1,024 of "
        "the parameters there are a second bias in each layer. 13 lanes of 10 words are about its 128 predictions an "
        "update. Watch the validation loss: a model that has learnt 18,000 words by heart has not learnt to write.",
    ),
}
