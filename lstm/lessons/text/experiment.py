"""The lesson "Text generation": a language model over characters, or words, that learns to predict the next one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Dense, Dropout, OneHot, Sequential
from lstm.batches import LaneBatches
from lstm.datasets import CORPORA, load_corpus
from lstm.history import Control, Progress
from lstm.lessons import training
from lstm.lessons.cells import CELLS, stacked
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.settings import Clip, check, check_budget, make_optimizer, option
from lstm.lessons.shared_options import (
    BATCH,
    CELL,
    CLIP,
    CLIP_AT,
    DECAY,
    DROPOUT,
    EPOCHS,
    INITIAL,
    LAYERS,
    LEARNING_RATE,
    OPTIMIZER,
    SECONDS,
    SEED,
    STEPS,
    UNITS,
    VALIDATE_EVERY,
)
from lstm.lessons.training import now_and_then, on_a_part, training_loss
from lstm.preprocessing.text import CharVocabulary, Vocabulary, WordVocabulary, prepare, vocabulary_from_dict
from lstm.training import Decay
from lstm.untrusted import one_sentence

from .sampling import generate

OWN_TEXT = "upload"
"""The corpus that is a text of the visitor's own."""

MAX_WORK = 40_000_000
"""Largest number of parameters, and of numbers one step keeps in memory."""

VALIDATION_SHARE = 0.1
_LIVE_VALIDATION = 20_000
_MAX_PREDICTIONS = 8_000_000


@dataclass(frozen=True)
class TextGeneration:
    """A language model and how to train it. Building one checks every setting (`ValueError`).

    Without a description is `text`, the text that goes with the corpus "upload".
    """

    lesson: ClassVar[str] = "text"

    corpus: str = option(
        "python_docs", "Text to learn from", "Or a text of your own.", choices=(*CORPORA, OWN_TEXT),
        labels={**{name: corpus.title for name, corpus in CORPORA.items()}, OWN_TEXT: "Your own .txt file"}, group="the text",
    )  # fmt: skip
    text: str | None = None
    level: Literal["character", "word"] = option(
        "character", "Predict the next", "What is read and written at a time.", group="the text"
    )
    limit: int | None = option(
        None, "Only the first characters", "Of the text, after it was prepared.", none="takes the whole text", high=5_000_000,
        step=10_000, group="the text",
    )  # fmt: skip
    lowercase: bool = option(False, "Lower case only", "Turns every letter into lower case.", group="the text")
    strip_punctuation: bool = option(False, "Without punctuation", "Leaves punctuation out.", group="the text")
    cell: str = CELL()
    layers: int = LAYERS(high=4)
    units: int = UNITS(
        128, help="The length of the hidden state h of each layer: how much it can keep in mind.", high=1024, step=16
    )
    time_steps: int = option(
        64, "Time steps", "Characters (or words) the gradient travels back through: truncated backpropagation.", high=512, step=8,
        group="how it learns",
    )
    batch: int = BATCH(
        32, help="Lanes: passages of the text that are read side by side. More lanes make steadier, fewer steps.", high=512,
        step=8,
    )  # fmt: skip
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(1e-2)
    decay: Decay = DECAY()
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    dropout: float = DROPOUT()
    initial: str = INITIAL()
    carry: int = option(
        16, "Carry the state for", "Batches a lane reads on with the state it has, before it jumps to another passage and "
        "starts from zeros.", high=10_000, group="how it learns",
    )  # fmt: skip
    epochs: float | None = EPOCHS(start=3.0)
    seconds: float | None = SECONDS(60.0, start=60)
    max_steps: int | None = STEPS()
    validate_every: int = VALIDATE_EVERY(50)
    sample_seconds: float = option(3.0, "Seconds between samples", "Of the text that it writes while it learns.")
    seed: int = SEED()

    def __post_init__(self) -> None:
        check(self)
        check_budget(self)
        if (self.corpus == "upload") != (self.text is not None):
            raise ValueError('a text goes with corpus "upload", and corpus "upload" with a text')
        if self.text is not None and not isinstance(self.text, str):
            raise ValueError(f"text must be a string, got {type(self.text).__name__}")

    def prepared_text(self) -> str:
        """The text the model is to learn, loaded and prepared. Raises ValueError if it is empty or monotonous."""
        text = self.text if self.text is not None else load_corpus(self.corpus)
        text = prepare(text, self.lowercase, self.strip_punctuation, self.limit)
        if not text.strip():
            raise ValueError("the text is empty: it needs at least a few lines to learn from")
        return text

    def encode(self, text: str) -> tuple[Vocabulary, np.ndarray]:
        """The vocabulary of `text` and the text in its numbers; checks that there is enough of it for the settings.

        The alphabet is that of the whole text: a symbol that only the held-out tail has is an answer that training never
        asks for. How often a symbol stands in the tail is not looked at: words are numbered by their frequency before it.
        """
        kind = CharVocabulary if self.level == "character" else WordVocabulary
        vocabulary = kind.from_text(text)
        if len(vocabulary) < 2:
            raise ValueError(
                f"the text has a single distinct {self.level}, {vocabulary.tokens[0]!r}: there is nothing to predict"
            )
        ids = vocabulary.encode(text)
        self.check_size(len(ids), len(vocabulary))
        if self.level == "word":
            count = np.bincount(ids[: len(ids) - len(held_out(ids))], minlength=len(vocabulary))
            order = sorted(range(len(vocabulary)), key=lambda k: (-count[k], vocabulary.tokens[k]))
            vocabulary = WordVocabulary(vocabulary.tokens[k] for k in order)
            ids = np.argsort(order)[ids]
        return vocabulary, ids

    def check_size(self, length: int, symbols: int) -> None:
        """Raise ValueError if `length` symbols are too few for the settings, or the settings too much for a machine.

        `symbols` is the size of the vocabulary.
        """
        train = length - int(length * VALIDATION_SHARE)
        needed = self.batch * self.time_steps + 1
        if train < needed:
            raise ValueError(
                f"the text has {length:,} {self.level}s, {train:,} of them to train on, and {self.batch} lanes of "
                f"{self.time_steps} time steps need {needed:,}: take a longer text, or fewer lanes or time steps"
            )
        if length - train < 2:
            raise ValueError(
                f"the text has {length:,} {self.level}s, too few to hold a tenth out for validation: it needs 20 or more"
            )
        kept = self.batch * self.time_steps * (6 * self.units * self.layers + symbols)
        if kept > MAX_WORK or self.parameters(symbols) > MAX_WORK:
            raise ValueError(
                f"one step would keep {kept:,} numbers in memory and the model {self.parameters(symbols):,} "
                f"parameters; at most {MAX_WORK:,} of each are allowed: take fewer units, layers, lanes or time steps"
            )

    def parameters(self, symbols: int) -> int:
        """How many numbers the model learns for a vocabulary of that size."""
        return stacked(self.cell, symbols, self.units, self.layers) + (self.units + 1) * symbols

    def baselines(self) -> dict[str, float]:
        """What guessing costs on the held-out tail, in nats per symbol: knowing nothing, or how frequent each symbol is."""
        vocabulary, ids = self.encode(self.prepared_text())
        tail = held_out(ids)
        return {
            "guessing blindly": math.log(len(vocabulary)),
            "guessing by frequency": _frequency_loss(ids[: len(ids) - len(tail)], tail, len(vocabulary)),
        }

    def build(self, symbols: int) -> Sequential:
        """The untrained, compiled model for a vocabulary of that size."""
        recurrent = self.initial if self.initial == "small_normal" else "orthogonal"
        stack: list[Any] = [OneHot(symbols)]
        for _ in range(self.layers):
            stack.append(
                CELLS[self.cell](
                    self.units, return_sequences=True, stateful=True,
                    kernel_initializer=self.initial, recurrent_initializer=recurrent,
                )
            )  # fmt: skip
            if self.dropout:
                stack.append(Dropout(self.dropout))
        stack.append(Dense(symbols, activation="softmax", kernel_initializer=self.initial))
        model = Sequential(stack, seed=self.seed)
        # Keras lets Adagrad's sums begin at 0.1. A gradient here is a mean over characters and its square far smaller than
        # that: for thousands of steps nothing would adapt. In the paper the sums begin at 0.
        begin = {"initial_accumulator_value": 0.0} if self.optimizer == "adagrad" else {}
        model.compile(make_optimizer(self, **begin), "sparse_categorical_crossentropy")
        model.build((None, None))
        return model

    def run(
        self, control: Control | None = None, checkpoint: bytes | None = None
    ) -> Generator[Progress, None, Result]:
        """Train, yielding `Progress` at every step, now and then with a "sample" in its notes.

        "loss" and "val_loss" are in nats per symbol; "val_loss" is over a part of a long held-out tail, which the note
        `training.MEASURED` says. The result's "validation loss" is over all of it.
        """
        control = control or Control()
        text = self.prepared_text()
        vocabulary, ids = self.encode(text)
        tail = held_out(ids)
        train = ids[: len(ids) - len(tail)]
        batches = LaneBatches(train, self.batch, self.time_steps, self.carry)
        model = self.build(len(vocabulary))
        model.fingerprint = vocabulary.fingerprint
        live = evaluation_batches(tail[:_LIVE_VALIDATION], len(vocabulary))

        samples: list[dict[str, Any]] = []

        def sample(step: int, seconds: float) -> dict[str, Any]:
            length = 200 if self.level == "character" else 40
            text = "".join(generate(model, vocabulary, "", length, seed=self.seed))
            samples.append({"step": step, "seconds": seconds, "text": text.strip(" ")})
            return samples[-1]

        if checkpoint is None:
            yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, {"sample": sample(0, 0.0)})
        run = model.fit_iter(
            batches, epochs=self.epochs, steps=self.max_steps, seconds=self.seconds, validation_data=live,
            validate_every=self.validate_every, decay=self.decay, control=control, checkpoint=checkpoint,
        )  # fmt: skip
        look = lambda now: {"sample": sample(now.step, now.seconds)}  # noqa: E731
        done = yield from training.train(run, now_and_then(self.sample_seconds, look, on_a_part(_LIVE_VALIDATION, len(tail))))
        model.reset_states()
        metrics = self._final_metrics(model, done.history, train, tail, len(vocabulary), done.progress)
        model.metadata = {
            "lesson": self.lesson,
            "vocabulary": vocabulary.to_dict(),
            "level": self.level,
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),  # so that `evaluate` knows the text again
            "config": {**asdict(self), "text": None},
            "metrics": metrics,
        }
        details = {"samples": samples, "vocabulary": vocabulary, "symbols": len(ids), "held_out": len(tail)}
        return Result(self, model, done.history, metrics, done.ended, done.problem, details)

    def _final_metrics(self, model, history, train, tail, symbols, progress) -> dict[str, float]:
        """Final figures by name, losses in nats per symbol; with the loss of guessing by frequency to compare."""
        losses = history.series("loss")[1]
        loss = model.evaluate(evaluation_batches(tail, symbols), initial_states=model.zero_states())
        return {
            "training loss": training_loss(losses),
            "validation loss": loss,
            "validation perplexity": math.exp(min(loss, 700)),
            "loss of guessing by frequency": _frequency_loss(train, tail, symbols),
            f"{self.level}s per second": progress.rate if progress else 0.0,
            "steps": progress.step if progress else 0,
            "seconds": progress.seconds if progress else 0.0,
        }


_RECORDED = "Recorded on 27 November 2026 with `python -m lstm train text --preset …`, to the end, on a busy machine of 2 cores."

PRESETS: dict[str, Preset] = {
    "A Tale of Two Cities, by character": Preset(
        TextGeneration(
            corpus="tale_opening", lowercase=True, strip_punctuation=True, units=10, time_steps=25, batch=1, optimizer="sgd",
            learning_rate=1.25, decay="none", seconds=None, epochs=300.0,
        ),
        "One layer of 10 units, 25 time steps, SGD, an excerpt in lower case without punctuation.",
        {"training loss": "≈ 76 → ≈ 5 per 25 characters (0.20 nats) at epoch 915, then NaN"},
        "Its gradients of the input gate and of the recurrent weights are wrong, it trains on 25 characters only, "
        "it does not clip, and it never writes a word.",
        "Its 0.20 nats are 25 characters learnt by heart. The lab reads the whole excerpt, clips, and ends without NaN; but ten "
        "units that read 1,193 characters 300 times learn these by heart and nothing else: on the rest of the excerpt the loss "
        "ends far above that of guessing blindly. The rate 1.25 is its 0.05: the lab takes the mean over 25 characters where "
        "it took the sum.",
        {"training loss": "0.685", "validation loss": "6.064", "loss of guessing by frequency": "2.994", "seconds": "138"},
        _RECORDED,
    ),
    "Two layers, Adagrad, one lane": Preset(
        TextGeneration(
            corpus="tiny_shakespeare", limit=100_000, layers=2, units=100, time_steps=25, batch=1, optimizer="adagrad",
            learning_rate=0.1, decay="none", clip="value", clip_at=0.04, initial="small_normal", carry=1, seconds=None,
            epochs=10.0,
        ),
        "Two layers of 100 units, one-hot, 25 time steps, batch size 1, Adagrad 0.1, 10 epochs of 100,000 characters.",
        {
            "training loss": "103.18 → 41.23 per 25 characters, smoothed (1.649 nats)",
            "seconds": "1,104",
            "characters per second": "815",
        },
        "One character stream at a time, no validation, no temperature, nothing saved, and the state thrown away "
        "every 25 characters.",
        "Same update for update: the state is thrown away here too (*Carry the state for* 1 batch), and clipping at 0.04 is its ±1 on the "
        "sum over 25 characters.",
    ),
    "The Jungle Book, by word": Preset(
        TextGeneration(
            corpus="jungle_book", level="word", limit=100_000, layers=2, time_steps=10, batch=13, learning_rate=1e-3,
            decay="none", clip="none", carry=1, seconds=None, epochs=100.0,
        ),
        "Words instead of characters, windows of 10, 2 × 128 units, Adam 0.001, 100 epochs of 100,000 characters.",
        {
            "distinct words": "2,503",
            "parameters": "1,803,079",
            "training loss": "6.47 → 1.2145",
            "validation loss": "not measured",
        },
        "Project Gutenberg's header is in its training text, and prompts over ten words raise an error that is "
        "swallowed, so that the published sample is random words.",
        "The lab cuts the header off, so its first 100,000 characters are other ones, with other words in them. 1,024 of "
        "the parameters there are a second bias in each layer. 13 lanes of 10 words are about its 128 predictions an "
        "update. Its training loss ends below the one printed there, and its validation loss far above that of guessing: a model "
        "that has learnt most of 17,285 words by heart has not learnt to write.",
        {
            "distinct words": "2,507",
            "parameters": "1,804,619",
            "training loss": "1.134",
            "validation loss": "13.302",
            "loss of guessing by frequency": "6.230",
            "seconds": "2,106",
        },
        _RECORDED,
    ),
}  # fmt: skip
"""What earlier projects trained, what they printed, and what was wrong there."""


def _frequency_loss(train: np.ndarray, tail: np.ndarray, symbols: int) -> float:
    """Nats per symbol of `tail` for someone who knows only how often each symbol stands in `train` (plus one each)."""
    shares = (np.bincount(train, minlength=symbols) + 1) / (len(train) + symbols)
    return float(-np.mean(np.log(shares[tail])))


def held_out(ids: np.ndarray) -> np.ndarray:
    """The tail of a text that is never trained on. It may be empty."""
    return ids[len(ids) - int(len(ids) * VALIDATION_SHARE) :]


def evaluation_batches(tail: np.ndarray, symbols: int) -> LaneBatches:
    """The held-out tail for evaluation, few lanes so that little context is lost at their beginnings."""
    lanes = max(1, min(16, (len(tail) - 1) // 200))
    return LaneBatches(tail, lanes, max(16, min(256, _MAX_PREDICTIONS // (lanes * symbols))), keep_rest=True)


@one_sentence("the model does not say which symbols it writes")
def vocabulary_of(model: Sequential) -> Vocabulary:
    """The vocabulary a loaded model of this lesson was trained with. Raises ValueError if it does not fit the model."""
    vocabulary = vocabulary_from_dict(model.metadata.get("vocabulary"))
    symbols = model.output_shape[-1] if model.output_shape else 0
    if len(vocabulary) != symbols:
        raise ValueError(f"the model predicts {symbols} symbols and its vocabulary has {len(vocabulary)}")
    return vocabulary
