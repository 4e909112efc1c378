"""`summary MODEL`: the layers of a saved model, and what it knows of its training."""

from __future__ import annotations

import argparse
from typing import Any

from lstm.untrusted import one_sentence


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "Show the layers of a saved model, and how it was trained."
    parser = commands.add_parser("summary", help="show what is in a model file", description=about)
    parser.add_argument("model", metavar="MODEL", help="a model that train or the lab's pages saved")
    parser.set_defaults(run=run)


@one_sentence("the model file is damaged: what it says about its training cannot be read")
def run(options: argparse.Namespace) -> int:
    """Print the table and the metadata."""
    from lstm import load_model

    from ..terminal import figure, printable

    model = load_model(options.model)
    print(model.table())
    facts: dict[str, Any] = model.metadata
    lines = [f"lesson: {facts.get('lesson', 'none')}"]
    if isinstance(facts.get("vocabulary"), dict) and isinstance(tokens := facts["vocabulary"].get("tokens"), list):
        lines.append(f"vocabulary: {len(tokens):,} {facts['vocabulary'].get('kind')}")
    if isinstance(settings := facts.get("config"), dict):
        lines.append(
            "trained with: " + ", ".join(f"{k} {v}" for k, v in settings.items() if v is not None and v is not False)
        )
    if isinstance(metrics := facts.get("metrics"), dict):
        lines += [figure(name, value) for name, value in metrics.items() if isinstance(value, int | float)]
    print(printable("\n".join(lines)))
    return 0
