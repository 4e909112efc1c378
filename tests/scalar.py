"""Settings of the cell of the Gates lesson, for tests."""

from dataclasses import replace

from lstm.lessons.gates import Setting


def with_weight(setting: Setting, gate: str, kind: str, value: float) -> Setting:
    """The setting with one of the twelve weights changed."""
    weights = replace(getattr(setting.cell, gate), **{kind: value})
    return replace(setting, cell=replace(setting.cell, **{gate: weights}))
