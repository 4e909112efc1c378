"""The picture of an LSTM cell: bare, or with the numbers of one time step on its wires.

Drawn in the gate colours on a 480 × 372 canvas, small enough that its letters stay readable on a phone.
The wires are as thick as the numbers on them are large; a gate fills up like a gauge.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from lstm.lessons.gates import ScalarStep
from ui.cell.formula import SQUASHED, sub
from ui.theme import CSS

WIDTH, HEIGHT = 480, 372
_TEXT, _MUTED, _BACK = "var(--st-text-color)", "var(--st-gray-text-color)", "var(--st-background-color)"

_TOP, _BUS, _GATE_TOP, _GATE_BOTTOM = 52, 316, 196, 262
_GATE_X = {"f": 106, "i": 194, "g": 276, "o": 358}
_GATE_HALF = 33
_PLUS_X, _WRITE_Y = 235, 132
_OUT_X, _TANH_Y, _SHOW_Y = 424, 104, 162
PLACES = {
    "input": (52, HEIGHT - 18), "below x": (52, _BUS), "below g": (_GATE_X["g"], _BUS), "above g": (_GATE_X["g"], _GATE_TOP),
    "beside g": (_GATE_X["g"], _WRITE_Y), "write": (_PLUS_X, _WRITE_Y), "plus": (_PLUS_X, _TOP), "fork": (_OUT_X, _TOP),
    "show": (_OUT_X, _SHOW_Y), "corner": (_OUT_X, _BUS), "out": (WIDTH - 6, _BUS),
}  # fmt: skip
"""Where the wires begin, bend and meet, for what travels on them."""
_NAMES = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}


def number(value: float) -> str:
    """Three decimals where there is room for them, a true minus sign."""
    digits = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def cell_svg(step: ScalarStep | None = None, clamp: Mapping[str, float] | None = None, activation: str = "tanh") -> str:
    """The cell as SVG.

    Parameters
    ----------
    step : the time step whose numbers stand on the wires; without it the wires carry their names only
    clamp : the gates that are held, drawn with a lock
    activation : what squashes the candidate and the cell state on its way out
    """
    clamp = clamp or {}
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{escape(_description(step, clamp))}" font-size="14">'
        ),
        _arrowheads(),
        *_wires(step, clamp),
        *(_gate(gate, step, clamp, activation) for gate in _GATE_X),
        *_operators(activation),
        *_labels(step),
        "</svg>",
    ]
    return "".join(parts)


def _description(step: ScalarStep | None, clamp: Mapping[str, float]) -> str:
    if step is None:
        return (
            "An LSTM cell. The cell state C runs along the top: the forget gate multiplies it, the input gate and the "
            "candidate add to it. The output gate lets part of it out as the hidden state h."
        )
    held = "".join(f" Gate {gate} is held at {value:g}." for gate, value in clamp.items())
    return (
        f"LSTM cell at step {step.t}: input {number(step.x)}, forget gate {number(step.f)}, input gate {number(step.i)}, "
        f"candidate {number(step.g)}, output gate {number(step.o)}, cell state {number(step.c_prev)} becomes "
        f"{number(step.c)}, hidden state {number(step.h_prev)} becomes {number(step.h)}.{held}"
    )


def _arrowheads() -> str:
    heads = {"c": CSS["c"], "h": CSS["h"]}
    markers = "".join(
        f'<marker id="head-{name}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="14" markerHeight="14" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
        for name, colour in heads.items()
    )
    return f"<defs>{markers}</defs>"


def _wire(
    path: str,
    colour: str,
    value: float | None,
    *,
    scale: float = 1.0,
    head: str = "",
    dashed: bool = False,
    part: str = "",
) -> str:
    """A wire as thick as its value is large; nothing flows where it is 0, and it turns pale. It lights up with `part`."""
    size = 0.55 if value is None else min(abs(value) / scale, 1.0)
    marker = f' marker-end="url(#head-{head})"' if head else ""
    dash = ' stroke-dasharray="3 5"' if dashed else ' stroke-dasharray="none"'
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{1.4 + 4.6 * size:.2f}" '
        f'opacity="{0.4 + 0.6 * min(1.0, 4 * size):.2f}" stroke-linejoin="round"{dash}{marker}{_part(part)}/>'
    )


def _part(name: str) -> str:
    return f' data-part="{name}"' if name else ""


def _wires(step: ScalarStep | None, clamp: Mapping[str, float]) -> list[str]:
    def of(name: str) -> float | None:
        return None if step is None else getattr(step, name)

    x, wires = _GATE_X, []
    # Below: x and h₋₁ join and reach all four gates.
    wires.append(_wire(f"M6 {_BUS}H{x['o']}", CSS["h"], of("h_prev"), part="h_prev U_i U_f U_g U_o"))
    wires.append(_wire(f"M52 {HEIGHT - 18}V{_BUS}", _MUTED, None, part="x W_i W_f W_g W_o"))
    for gate, at in x.items():
        wires.append(
            _wire(
                f"M{at} {_BUS}V{_GATE_BOTTOM}",
                _MUTED,
                0.15,
                dashed=gate in clamp,
                part=f"z_{gate} W_{gate} U_{gate} b_{gate}",
            )
        )
    # Above: the cell state, kept, added to, handed on.
    wires.append(_wire(f"M6 {_TOP}H{x['f']}", CSS["c"], of("c_prev"), scale=2, part="c_prev"))
    wires.append(_wire(f"M{x['f']} {_TOP}H{_PLUS_X}", CSS["c"], of("kept"), scale=2, part="kept"))
    wires.append(_wire(f"M{_PLUS_X} {_TOP}H{WIDTH - 6}", CSS["c"], of("c"), scale=2, head="c", part="c"))
    # What each gate sends.
    wires.append(_wire(f"M{x['f']} {_GATE_TOP}V{_TOP}", CSS["f"], of("f"), part="f"))
    wires.append(_wire(f"M{x['i']} {_GATE_TOP}V{_WRITE_Y}H{_PLUS_X}", CSS["i"], of("i"), part="i"))
    wires.append(_wire(f"M{x['g']} {_GATE_TOP}V{_WRITE_Y}H{_PLUS_X}", CSS["g"], of("g"), part="g"))
    wires.append(_wire(f"M{_PLUS_X} {_WRITE_Y}V{_TOP}", CSS["c"], of("written"), scale=2, part="written"))
    wires.append(_wire(f"M{x['o']} {_GATE_TOP}V{_SHOW_Y}H{_OUT_X}", CSS["o"], of("o"), part="o"))
    # Out: tanh(C), times o, is h.
    wires.append(_wire(f"M{_OUT_X} {_TOP}V{_SHOW_Y}", CSS["c"], of("tanh_c"), part="tanh_c"))
    wires.append(_wire(f"M{_OUT_X} {_SHOW_Y}V{_BUS}H{WIDTH - 6}", CSS["h"], of("h"), head="h", part="h"))
    return wires


def _gate(gate: str, step: ScalarStep | None, clamp: Mapping[str, float], activation: str) -> str:
    at, colour, name = _GATE_X[gate], CSS[gate], _NAMES[gate]
    squash = SQUASHED[activation if gate == "g" else "sigmoid"]
    height = _GATE_BOTTOM - _GATE_TOP
    left, width = at - _GATE_HALF, 2 * _GATE_HALF
    value = None if step is None else getattr(step, gate)
    level = 0.0 if value is None else min(abs(value), 1.0)
    held = gate in clamp
    box = f'x="{left}" y="{_GATE_TOP}" width="{width}" height="{height}" rx="9"'
    parts = [
        f'<rect {box} fill="{_BACK}"/>',
        f'<clipPath id="box-{gate}"><rect {box}/></clipPath>',
        (
            f'<rect x="{left}" y="{_GATE_BOTTOM - level * height:.1f}" width="{width}" height="{level * height:.1f}" '
            f'fill="{colour}" fill-opacity="0.28" clip-path="url(#box-{gate})"/>'
        ),
        (
            f'<rect {box} fill="none" stroke="{colour}" stroke-width="{3 if held else 2}" '
            f'stroke-dasharray="{"6 4" if held else "none"}"/>'
        ),
        _text(at, _GATE_TOP + 19, name, size=12, halo=False),
    ]
    if value is None:
        parts.append(_text(at, _GATE_TOP + 42, gate if gate != "g" else "c̃", size=17, weight=700, halo=False))
    else:
        parts.append(_text(at, _GATE_TOP + 41, number(value), size=17, weight=700, halo=False))
    parts.append(_text(at, _GATE_TOP + 58, "held" if held else squash, size=12, fill=_MUTED, halo=False))
    return f'<g data-gate="{gate}" data-part="{gate}">{"".join(parts)}</g>'


def _operators(activation: str) -> list[str]:
    def operator(x: int, y: int, sign: str, colour: str) -> str:
        return (
            f'<circle cx="{x}" cy="{y}" r="12" fill="{_BACK}" stroke="{colour}" stroke-width="2"/>'
            f"{_text(x, y + 5.5, sign, size=17, weight=700, halo=False)}"
        )

    return [
        operator(_GATE_X["f"], _TOP, "×", CSS["f"]),
        operator(_PLUS_X, _WRITE_Y, "×", CSS["i"]),
        operator(_PLUS_X, _TOP, "+", CSS["c"]),
        (
            f'<rect x="{_OUT_X - 22}" y="{_TANH_Y - 12}" width="44" height="23" rx="11" fill="{_BACK}" stroke="{CSS["c"]}" '
            'stroke-width="2" data-part="tanh_c"/>'
        ),
        _text(_OUT_X, _TANH_Y + 4, SQUASHED[activation], size=12, fill=_TEXT, halo=False),
        operator(_OUT_X, _SHOW_Y, "×", CSS["o"]),
    ]


def _labels(step: ScalarStep | None) -> list[str]:
    if step is None:
        return [
            _text(6, _TOP - 14, "cell state Cₜ₋₁", anchor="start"),
            _text(WIDTH - 6, _TOP - 14, "Cₜ", anchor="end"),
            _text((_GATE_X["f"] + _PLUS_X) / 2, _TOP - 14, "keep"),
            _text(_PLUS_X + 8, (_TOP + _WRITE_Y) / 2 + 4, "write", anchor="start"),
            _text(6, _BUS - 12, "hₜ₋₁", anchor="start"),
            _text(62, HEIGHT - 20, "input xₜ", anchor="start"),
            _text(WIDTH - 6, _BUS - 12, "hₜ", anchor="end"),
            _text(WIDTH - 6, _BUS + 24, "hidden state", anchor="end"),
            _text(_GATE_X["o"] + 26, _SHOW_Y - 10, "show"),
        ]
    t, before = step.t, step.t - 1
    labels = [
        _text(6, _TOP - 14, f"C{sub(before)} = {number(step.c_prev)}", anchor="start", weight=600, part="c_prev"),
        _text((_GATE_X["f"] + _PLUS_X) / 2, _TOP - 14, f"f·C = {number(step.kept)}", part="kept"),
        _text(WIDTH - 6, _TOP - 14, f"C{sub(t)} = {number(step.c)}", anchor="end", weight=600, part="c"),
        _text(_PLUS_X + 9, (_TOP + _WRITE_Y) / 2 + 4, f"i·c̃ = {number(step.written)}", anchor="start", part="written"),
        _text(_OUT_X - 9, _TANH_Y + 36, number(step.tanh_c), anchor="end", part="tanh_c"),
        _text(6, _BUS - 12, f"h{sub(before)} = {number(step.h_prev)}", anchor="start", weight=600, part="h_prev"),
        _text(62, HEIGHT - 20, f"x{sub(t)} = {number(step.x)}", anchor="start", weight=600, part="x"),
        _text(WIDTH - 6, _BUS + 26, f"h{sub(t)} = {number(step.h)}", anchor="end", weight=600, part="h"),
    ]
    for gate, at in _GATE_X.items():
        labels.append(
            _text(at, _GATE_BOTTOM + 19, f"z {number(getattr(step, f'z_{gate}'))}", size=12.5, part=f"z_{gate}")
        )
    return labels


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "middle",
    size: float = 14,
    weight: int = 400,
    fill: str = _TEXT,
    halo: bool = True,
    part: str = "",
) -> str:
    """Text that stays readable where it crosses a wire: the background shows around its letters."""
    edge = f' stroke="{_BACK}" stroke-width="4" paint-order="stroke" stroke-linejoin="round"' if halo else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}"{edge}{_part(part)}>{escape(text)}</text>'
    )
