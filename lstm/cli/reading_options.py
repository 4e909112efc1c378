"""The options that the lessons which read texts have in common: how a text is shown, the model, how it learns."""

from __future__ import annotations

import argparse
from typing import Any

from .parsing import number, setting, whole

_SWITCHES = {"no_mask": "mask", "no_buckets": "bucketed"}


def add_options(parser: argparse.ArgumentParser, config: type) -> None:
    """Add them for the dataclass `config`."""
    text = parser.add_argument_group("how a text is shown")
    setting(text, config, "--vocabulary", "vocabulary", whole, "known words, the commonest")
    setting(text, config, "--length", "length", whole, "time steps")
    setting(text, config, "--padding", "padding", str, "where the filler stands: pre or post")
    text.add_argument("--no-mask", action="store_true", default=argparse.SUPPRESS, help="let the model read the filler")
    text.add_argument(
        "--no-buckets", action="store_true", default=argparse.SUPPRESS, help="mix texts of all lengths in a batch"
    )
    setting(text, config, "--word-dropout", "word_dropout", number, "share of the words shown as <UNK> in training")
    setting(
        text,
        config,
        "--snippets",
        "snippets",
        number,
        "share of the texts shown as a stretch of 3 to 60 words in training",
    )
    model = parser.add_argument_group("the model")
    setting(model, config, "--embedding", "embedding", whole, "numbers that stand for a word")
    setting(model, config, "--embedding-dropout", "embedding_dropout", number, "share of them left out in training")
    setting(model, config, "--layers", "layers", whole, "LSTM layers, one upon the other")
    setting(model, config, "--units", "units", whole, "length of each one's hidden state")
    setting(model, config, "--bidirectional", "bidirectional", None, "read in both directions")
    setting(model, config, "--dropout", "dropout", number, "share of each layer's outputs left out in training")
    how = parser.add_argument_group("how it learns")
    setting(how, config, "--batch", "batch", whole, "texts in an optimizer step")
    setting(how, config, "--optimizer", "optimizer", str, "sgd, adagrad, rmsprop or adam")
    setting(how, config, "--rate --learning-rate", "learning_rate", number, "learning rate")
    setting(how, config, "--decay", "decay", str, "how the rate falls: none, linear or cosine")
    setting(how, config, "--clip", "clip", str, "clip gradients by norm, by value, or none")
    setting(how, config, "--clip-at", "clip_at", number, "the largest norm or value")
    setting(how, config, "--validate-every", "validate_every", whole, "steps between validations")
    setting(how, config, "--patience", "patience", whole, "stop after so many validations without a better one")


def switches(options: argparse.Namespace) -> dict[str, Any]:
    """The fields that the options beginning with --no- turn off."""
    return {field: False for name, field in _SWITCHES.items() if hasattr(options, name)}


def add_epochs(parser: argparse.ArgumentParser, config: type) -> None:
    """Add the budget, for a command that is not `train`."""
    setting(parser, config, "--epochs", "epochs", number, "passes over the training data")
