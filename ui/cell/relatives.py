"""The GRU and the minLSTM drawn as `drawing.py` draws the LSTM: the same wires, boxes and colours, names only.

A gate that does an LSTM gate's work has that gate's colour: what keeps is orange, what writes is blue, the candidate green.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from ui.cell.drawing import HEIGHT, WIDTH, _arrowheads, _text, _wire
from ui.theme import CSS

_TEXT, _MUTED, _BACK = "var(--st-text-color)", "var(--st-gray-text-color)", "var(--st-background-color)"
_TOP, _BUS, _BOX_TOP, _BOX_BOTTOM, _HALF = 52, 316, 196, 262, 40


def gru_svg() -> str:
    """A GRU cell: z and 1 − z share the state between the old and the new, r lets the candidate see part of the old."""
    z, r, g, plus = 106, 222, 352, 352
    return _svg(
        "A GRU cell. The state h runs along the top: the update gate z keeps part of it, and 1 minus z of the candidate is "
        "added. The reset gate r decides how much of the old state the candidate sees. All gates see the old state.",
        [
            _wire(f"M6 {_BUS}H{g}", CSS["h"], None),
            _wire(f"M52 {HEIGHT - 18}V{_BUS}", _MUTED, None),
            *(_wire(f"M{at} {_BUS}V{_BOX_BOTTOM}", _MUTED, 0.15) for at in (z, r, g)),
            _wire(f"M6 {_TOP}H{z}", CSS["h"], None),
            _wire(f"M{z} {_TOP}H{plus}", CSS["h"], None),
            _wire(f"M{plus} {_TOP}H{WIDTH - 6}", CSS["h"], None, head="h"),
            _wire(f"M{z} {_BOX_TOP}V{_TOP}", CSS["f"], None),
            _wire(f"M{z} 150H{plus}", CSS["i"], None),
            _wire(f"M{g} {_BOX_TOP}V{_TOP}", CSS["g"], None),
            _wire(f"M{r + _HALF} 229H{g - _HALF}", CSS["o"], None),
        ],
        [
            _box(z, "update", "z", CSS["f"], "σ"), _box(r, "reset", "r", CSS["o"], "σ"), _box(g, "candidate", "h̃", CSS["g"], "tanh"),
            _sign(z, _TOP, "×", CSS["f"]), _sign(plus, 150, "×", CSS["i"]), _sign(plus, _TOP, "+", CSS["h"]),
            _text((z + plus) / 2, 140, "1 − z"), _text((z + plus) / 2, _TOP - 14, "keep"),
            _text(plus + 10, 106, "write", anchor="start"),
            _text(6, _TOP - 14, "hₜ₋₁", anchor="start"), _text(WIDTH - 6, _TOP - 14, "hₜ", anchor="end"),
            _text(6, _BUS - 12, "hₜ₋₁", anchor="start"), _text(62, HEIGHT - 20, "input xₜ", anchor="start"),
        ],
    )  # fmt: skip


def min_lstm_svg() -> str:
    """A minLSTM cell: the wire on which the old state reaches the gates is missing."""
    f, i, g, plus = 106, 222, 352, 352
    return _svg(
        "A minLSTM cell. The state h runs along the top: a share of it is kept, and the rest is made up with the candidate. "
        "The gates see the input alone: no wire leads from the old state to them.",
        [
            _wire(f"M52 {HEIGHT - 18}V{_BUS}H{g}", _MUTED, None),
            *(_wire(f"M{at} {_BUS}V{_BOX_BOTTOM}", _MUTED, 0.15) for at in (f, i, g)),
            _wire(f"M6 {_TOP}H{f}", CSS["h"], None),
            _wire(f"M{f} {_TOP}H{plus}", CSS["h"], None),
            _wire(f"M{plus} {_TOP}H{WIDTH - 6}", CSS["h"], None, head="h"),
            _wire(f"M{f} {_BOX_TOP}V{_TOP}", CSS["f"], None),
            _wire(f"M{i} {_BOX_TOP}V150H{plus}", CSS["i"], None),
            _wire(f"M{g} {_BOX_TOP}V{_TOP}", CSS["g"], None),
        ],
        [
            _box(f, "forget", "f", CSS["f"], "σ"), _box(i, "input", "i", CSS["i"], "σ"), _box(g, "candidate", "h̃", CSS["g"], "linear"),
            _sign(f, _TOP, "×", CSS["f"]), _sign(plus, 150, "×", CSS["i"]), _sign(plus, _TOP, "+", CSS["h"]),
            _text((f + plus) / 2, _TOP - 14, "keep"), _text(plus + 10, 106, "write", anchor="start"),
            _text(f + 8, 130, "f / (f + i)", anchor="start", size=12), _text(i + 8, 142, "i / (f + i)", anchor="start", size=12),
            _text(6, _TOP - 14, "hₜ₋₁", anchor="start"), _text(WIDTH - 6, _TOP - 14, "hₜ", anchor="end"),
            _text(6, _BUS - 12, "no h here", anchor="start", fill=_MUTED), _text(62, HEIGHT - 20, "input xₜ", anchor="start"),
        ],
    )  # fmt: skip


def _svg(description: str, wires: list[str], rest: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(description)}" font-size="14">'
    )
    return "".join([head, _arrowheads(), *wires, *rest, "</svg>"])


def _box(at: int, name: str, letter: str, colour: str, squash: str) -> str:
    return (
        f'<rect x="{at - _HALF}" y="{_BOX_TOP}" width="{2 * _HALF}" height="{_BOX_BOTTOM - _BOX_TOP}" rx="9" fill="{_BACK}" '
        f'stroke="{colour}" stroke-width="2"/>'
        + _text(at, _BOX_TOP + 19, name, size=12, halo=False)
        + _text(at, _BOX_TOP + 42, letter, size=17, weight=700, halo=False)
        + _text(at, _BOX_TOP + 58, squash, size=12, fill=_MUTED, halo=False)
    )


def _sign(x: int, y: int, sign: str, colour: str) -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="12" fill="{_BACK}" stroke="{colour}" stroke-width="2"/>'
        f"{_text(x, y + 5.5, sign, size=17, weight=700, halo=False)}"
    )
