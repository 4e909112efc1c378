"""The lab's colours: one per gate, state and role, the same on every page and in every chart.

A gate keeps its hue in the light and the dark theme; only its lightness changes. The colours are told apart by readers
with protanopia, deuteranopia and tritanopia too, and stand out from both backgrounds (tests/ui/test_theme.py computes it).
`.streamlit/config.toml` repeats them for what Streamlit itself paints.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

Scheme = Literal["light", "dark"]

GATE_NAMES = {
    "i": "input gate i", "f": "forget gate f", "g": "candidate c̃ (g)", "o": "output gate o",
    "z": "update gate z", "r": "reset gate r",
}  # fmt: skip
"""Of an LSTM; the last two, and g, of a GRU."""
STATE_NAMES = {"c": "cell state C", "h": "hidden state h"}

LIGHT = {
    "i": "#0F52D9",
    "f": "#D55E00",
    "g": "#129A66",
    "o": "#D63FA4",
    "c": "#5C3300",
    "h": "#1F2328",
    "train": "#0F52D9",
    "validation": "#D55E00",
    "test": "#129A66",
    "baseline": "#6B7280",
    "background": "#FFFFFF",
    "surface": "#F4F5F7",
    "text": "#1F2328",
    "muted": "#5A6270",
}
DARK = {
    "i": "#7E9BFF",
    "f": "#F0642E",
    "g": "#2FDC8B",
    "o": "#DD74AE",
    "c": "#FDD23A",
    "h": "#F2F2F2",
    "train": "#7E9BFF",
    "validation": "#F0642E",
    "test": "#2FDC8B",
    "baseline": "#A9A5A0",
    "background": "#14161A",
    "surface": "#22262C",
    "text": "#F2F2F2",
    "muted": "#A9B1BD",
}
ON_PRIMARY: dict[Scheme, str] = {"light": "#FFFFFF", "dark": DARK["background"]}
"""What is written on a button in the primary colour."""
COLOURS: dict[Scheme, dict[str, str]] = {"light": LIGHT, "dark": DARK}

MARKDOWN = {"i": "blue", "f": "orange", "g": "green", "o": "violet", "c": "yellow"}
"""The name under which a gate's colour is known to Streamlit's markdown: `:blue[i]`."""

CSS = {
    "i": "var(--st-blue-color)",
    "f": "var(--st-orange-color)",
    "g": "var(--st-green-color)",
    "o": "var(--st-violet-color)",
    "c": "var(--st-yellow-color)",
    "h": "var(--st-text-color)",
}
"""The same colours as the theme's CSS variables, for drawings inside a component: they follow a change of theme at once."""


def scheme() -> Scheme:
    """The theme the reader has chosen; light where Streamlit does not know (tests, a first connection)."""
    return "dark" if st.context.theme.type == "dark" else "light"


def colours(which: Scheme | None = None) -> dict[str, str]:
    """The colours of `which` theme, by default the reader's: `colours()["f"]` is the forget gate's."""
    return COLOURS[which or scheme()]


_WATCH = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".theme");
  const probe = getComputedStyle(root).backgroundColor.match(/[0-9.]+/g).slice(0, 3);
  const seen = probe[0] * 0.299 + probe[1] * 0.587 + probe[2] * 0.114 < 128 ? "dark" : "light";
  if (seen !== data.scheme && root.dataset.sent !== seen) setTriggerValue("change", seen);
  root.dataset.sent = seen;
}
"""
_watcher = st.components.v2.component(
    "lab_theme",
    html='<div class="theme"></div>',
    css=".theme { height: 0; background-color: var(--st-background-color); }",
    js=_WATCH,
)


def follow() -> None:
    """Run the page again when the reader changes the theme, so that charts and formulas change their colours with it."""
    _watcher(key="lab_theme", data={"scheme": scheme()}, on_change_change=lambda: None)
