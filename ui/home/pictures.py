"""A small picture for each lesson's card on Home: what moves there. It moves for a moment, and again when it is pointed at."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.theme import CSS

_component = st.components.v2.component(
    "lab_picture",
    html='<div class="picture" aria-hidden="true"></div>',
    css=(Path(__file__).parent / "pictures.css").read_text(encoding="utf-8"),
    js="export default ({ data, parentElement }) => {"
    ' const place = parentElement.querySelector(".picture");'
    " if (place.dataset.of !== data.of) { place.dataset.of = data.of; place.innerHTML = data.svg; } }",
)

_SEVEN = ("1111110", "0000010", "0000100", "0001000", "0010000", "0010000")


def _gates() -> str:
    """Sliders that move, one in each gate's colour."""
    return "".join(
        f'<path class="rail" d="M8 {y}H112"/><circle class="slide" style="--delay:{-0.4 * k}s" cx="{x}" cy="{y}" r="5" fill="{CSS[gate]}"/>'
        for k, (gate, x, y) in enumerate(zip("figo", (78, 40, 62, 30), (7, 17, 27, 37), strict=True))
    )


def _learning() -> str:
    """A ball that rolls down to where the loss is least."""
    return (
        '<path class="rail" d="M10 6C30 6 44 38 66 38S98 24 112 12"/>'
        f'<circle class="roll" r="5" fill="{CSS["i"]}"/>'
    )


def _memory() -> str:
    """A trace that fades, step by step."""
    return "".join(
        f'<rect class="fade" style="--delay:{0.1 * k:.1f}s" x="{8 + 11 * k}" y="{44 - 38 * 0.78**k:.0f}" width="8" '
        f'height="{38 * 0.78**k:.0f}" rx="2" fill="{CSS["c"]}"/>'
        for k in range(10)
    )


def _text() -> str:
    """Letters that come one after the other."""
    letters = "".join(
        f'<tspan class="typed" style="--delay:{0.15 * k:.2f}s">{letter}</tspan>' for k, letter in enumerate("It was the b")
    )
    return f'<text x="8" y="29">{letters}</text>'


def _digits() -> str:
    """A digit, read row by row."""
    dots = "".join(
        f'<rect class="typed" style="--delay:{0.25 * y:.2f}s" x="{40 + 6 * x}" y="{4 + 6 * y}" width="5" height="5" fill="{CSS["h"]}"/>'
        for y, row in enumerate(_SEVEN) for x, on in enumerate(row) if on == "1"
    )  # fmt: skip
    return dots + f'<path class="scan" d="M32 3H90" stroke="{CSS["f"]}"/>'


def _forecast() -> str:
    """A series, and how it might go on."""
    return (
        f'<path d="M6 30L18 14L30 34L42 18L54 36L66 16" fill="none" stroke="{CSS["h"]}" stroke-width="2"/>'
        f'<path class="grow" pathLength="1" d="M66 16L78 34L90 20L102 36L114 22" fill="none" stroke="{CSS["i"]}" stroke-width="2.5"/>'
    )


def _topics() -> str:
    """Sentences that find those of their kind."""
    places = (("i", 18), ("f", 46), ("g", 74), ("o", 102))
    return "".join(
        f'<circle class="gather" style="--x:{60 - x - dx}px;--y:{22 - y}px" cx="{x + dx}" cy="{y}" r="4" fill="{CSS[gate]}"/>'
        for gate, x in places for dx, y in ((-6, 16), (5, 13), (0, 27), (8, 30))
    )  # fmt: skip


def _sentiment() -> str:
    """An opinion that changes with each word."""
    words = ((8, 18, "f"), (30, 12, "f"), (46, 22, "i"), (72, 14, "i"), (90, 24, "i"))
    boxes = "".join(f'<rect x="{x}" y="30" width="{w}" height="9" rx="3" fill="{CSS[c]}" opacity=".75"/>' for x, w, c in words)
    return boxes + f'<circle class="opinion" cx="102" cy="8" r="5" fill="{CSS["h"]}"/><path class="rail" d="M8 22H114"/>'


def _keras() -> str:
    """Two that weigh the same."""
    return (
        '<path class="rail" d="M60 8V40M48 41H72"/><g class="weigh"><path class="rail" d="M22 12H98"/>'
        f'<rect x="12" y="14" width="22" height="14" rx="3" fill="{CSS["i"]}"/>'
        f'<rect x="86" y="14" width="22" height="14" rx="3" fill="{CSS["f"]}"/></g>'
    )


def _relatives() -> str:
    """Several that learn the same, each at its own pace."""
    ends = (("i", "M8 6C26 30 44 38 112 40"), ("f", "M8 6C40 12 60 34 112 36"), ("g", "M8 6C60 8 76 22 112 28"))
    return "".join(
        f'<path class="grow" style="--delay:{-0.3 * k}s" pathLength="1" d="{way}" fill="none" stroke="{CSS[gate]}" stroke-width="2"/>'
        for k, (gate, way) in enumerate(ends)
    )


_DRAW = {
    "gates": _gates, "learning": _learning, "memory": _memory, "text": _text, "digits": _digits, "forecast": _forecast,
    "topics": _topics, "sentiment": _sentiment, "keras_vs_scratch": _keras, "relatives": _relatives,
}  # fmt: skip


def picture(name: str) -> str:
    """The SVG for a lesson's page, "" where there is none."""
    return f'<svg viewBox="0 0 120 46">{_DRAW[name]()}</svg>' if name in _DRAW else ""


def draw(name: str) -> None:
    """Show it."""
    if svg := picture(name):
        _component(key=f"picture_{name}", data={"of": name, "svg": svg}, height=52)
