"""The unrolled network: one cell beside the other, time from left to right, as SVG.

Forward, the wires are as thick as the numbers on them are large, for the unit that is looked at; the other units stand
beside it as small bars. Backward, they are as thick as the gradients are: the straight way along the cell state in its
colour, the ways through the gates in theirs; a negative gradient is dashed. The words under which things light up are
`quantity@step/unit`, such as `f@2/0`, and `df@2/0` for the gradient.
"""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

import numpy as np

from lstm.cell import GATES
from lstm.lessons.learning.network import Place
from lstm.lessons.learning.training import Moment
from ui.cell.drawing import number
from ui.cell.formula import SYMBOL, sub
from ui.learning.link import View
from ui.theme import CSS

ORDER = ("f", "i", "g", "o")
CELL, LEFT, RIGHT, HEIGHT = 168, 62, 150, 292
"""Width of a cell, and of what stands before the first and after the last; height of it all."""
_TOP, _SHOW, _GATE, _GATE_END, _BUS, _X = 66, 108, 136, 186, 220, 252
_AT = {"f": 36, "i": 70, "g": 104, "o": 138}
_PLUS, _OUT = 87, 156
_TEXT, _MUTED, _BACK = "var(--st-text-color)", "var(--st-gray-text-color)", "var(--st-background-color)"


def width(time: int) -> int:
    """Of a drawing of so many cells."""
    return LEFT + CELL * time + RIGHT


def unrolled_svg(view: View, moment: Moment, hidden: frozenset[str] = frozenset()) -> str:
    """The drawing of one training step for one example and one unit, as far as `view.phase` has come.

    `hidden` names quantities of the time step on show whose numbers are asked for.
    """
    drawing = _Drawing(view, moment, hidden)
    time = view.setting.time
    w = width(time)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {HEIGHT}" role="img" font-size="12.5" '
        f'style="--phone:{min(w, 190 + 130 * time)}px;min-width:{100 + 82 * time}px;max-width:{round(1.45 * w)}px" '
        f'aria-label="{escape(description(view, moment))}">'
        f"{_heads()}{drawing.start()}{''.join(drawing.cell(t) for t in range(time))}{drawing.end()}</svg>"
    )


def description(view: View, moment: Moment) -> str:
    """The drawing in words, for those who cannot see it."""
    words = [f"Unrolled LSTM of {view.setting.time} time steps, training step {view.step}, phase {view.phase}"]
    if view.at_least("forward"):
        words.append(f"prediction {number(float(moment.passed.prediction[view.example, 0]))}")
    if view.at_least("loss"):
        words.append(f"target {number(view.setting.targets[view.example])}, loss {small(moment.loss.value)}")
    if view.at_least("backward"):
        first = moment.back.steps[0]
        words.append(f"gradient of C{sub(1)} {small(float(first.c[view.example, view.unit]))}")
    return ", ".join(words) + "."


def small(value: float) -> str:
    """A gradient or a loss: three decimals, or a power of ten where they would not show it."""
    if value == 0 or 5e-4 <= abs(value) < 1e4:
        return number(value)
    mantissa, _, power = f"{value:.1e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{raised}".replace("-", "−")


def _heads() -> str:
    return (
        "<defs>"
        + "".join(
            f'<marker id="turn-{name}" viewBox="0 0 10 10" refX="7" refY="5" markerWidth="9" markerHeight="9" '
            f'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{CSS[name]}"/></marker>'
            for name in "ch"
        )
        + "</defs>"
    )


class _Drawing:
    def __init__(self, view: View, moment: Moment, hidden: frozenset[str]) -> None:
        self.view, self.moment, self.hidden = view, moment, hidden
        self.n, self.u = view.example, view.unit
        self.forward, self.back = view.at_least("forward"), view.at_least("backward")
        arrived = moment.back.steps
        sizes = [np.abs(one).max() for step in arrived for one in (step.c[self.n], step.h[self.n])]
        self.largest = max(float(max(sizes)), 1e-300)

    # ---- numbers

    def value(self, name: str, t: int) -> float:
        return float(getattr(self.moment.passed.steps[t], name)[self.n, self.u])

    def slope(self, name: str, t: int) -> float:
        """∂loss/∂name at a time step, for this example and unit."""
        step = self.moment.back.steps[t]
        if name.startswith("z_"):
            return float(step.inside.z[self.n, GATES.index(name[2:]) * self.view.setting.units + self.u])
        source = step if name in ("h", "c", "c_straight", "c_through_h", "h_from_prediction") else step.inside
        return float(getattr(source, name)[self.n, self.u])

    def through(self, gate: str, t: int) -> float:
        """What the gradient of h before step t gets through one gate of step t."""
        units = self.view.setting.units
        at = slice(GATES.index(gate) * units, (GATES.index(gate) + 1) * units)
        z = self.moment.back.steps[t].inside.z[self.n, at]
        return float(z @ self.moment.weights.recurrent_kernel[self.u, at])

    # ---- pieces

    def part(self, *names: str, t: int) -> str:
        """The words under which something of step t lights up, and with it its gradient."""
        words = [f"{name}@{t + 1}/{self.u}" for name in names]
        words += [f"d{word}" for word in words] if self.back else []
        return " ".join(words)

    def wire(
        self,
        path: str,
        colour: str,
        value: float,
        slope: float | None,
        part: str,
        says: str,
        t: int,
        *,
        head: str = "",
        scale: float = 1.0,
    ) -> str:
        """A wire; backward, its thickness and dash are those of the gradient, and its head points back."""
        turned = self.back and slope is not None
        size = 0.0
        if turned:
            size = math.sqrt(min(abs(slope) / self.largest, 1.0))
        elif self.forward:
            size = min(abs(value) / scale, 1.0)
        dash = "4 3" if turned and slope < 0 else "none"
        opacity = 0.28 + 0.72 * min(1.0, 3 * size)
        marker = f' marker-{"start" if turned else "end"}="url(#turn-{head})"' if head else ""
        return (
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{1.1 + 4.4 * size:.2f}" opacity="{opacity:.2f}" '
            f'stroke-linejoin="round" stroke-dasharray="{dash}"{marker} data-part="{part}" data-t="{t + 1}" '
            f'data-says="{escape(says)}"/>'
        )

    def says(self, name: str, t: int, symbol: str) -> str:
        """What is said of a quantity while it is lit."""
        words = f"{symbol}, step {t + 1}, unit {self.u + 1}"
        if self.forward:
            words += f": {'?' if self.asked(name, t) else number(self.value(name, t))}"
        if self.back:
            words += f"; ∂loss/∂{symbol} = {small(self.slope(name, t))}"
        return words

    def asked(self, name: str, t: int) -> bool:
        return t == self.view.t and name in self.hidden

    def shown(self, name: str, t: int) -> str:
        if not self.forward:
            return ""
        return "?" if self.asked(name, t) else number(self.value(name, t))

    def start(self) -> str:
        """C₀ and h₀, which are 0."""
        straight = self.slope("c_prev", 0) if self.back else None
        into_h = self.slope("h_prev", 0) if self.back else None
        zero = f"c@0/{self.u} dc@0/{self.u}", f"h@0/{self.u} dh@0/{self.u}"
        return (
            f'<g data-order="0">{self.wire(f"M4 {_TOP}H{LEFT}", CSS["c"], 0.0, straight, zero[0], "C₀ is 0", 0)}'
            f"{self.wire(f'M4 {_BUS}H{LEFT}', CSS['h'], 0.0, into_h, zero[1], 'h₀ is 0', 0)}"
            f"{_text(4, _TOP - 9, 'C₀ = 0', anchor='start', part=zero[0])}{_text(4, _BUS - 8, 'h₀ = 0', anchor='start', part=zero[1])}</g>"
        )

    def cell(self, t: int) -> str:
        """One time step."""
        x0 = LEFT + CELL * t
        now = " now" if t == self.view.t else ""
        parts = [
            f'<rect class="cell{now}" x="{x0 + 6}" y="30" width="{CELL - 8}" height="{_BUS - 12}" rx="12" data-choose="t {t}"/>',
            _text(x0 + CELL / 2, 22, f"step {t + 1}", fill=_MUTED, size=12),
            *self.memory(t, x0),
            *self.gates(t, x0),
            *self.inputs(t, x0),
            *self.numbers(t, x0),
            self.bars(t, x0),
        ]
        return f'<g data-order="{t + 1}">{"".join(parts)}</g>'

    def memory(self, t: int, x0: int) -> list[str]:
        def of(name: str) -> float:
            return self.value(name, t)

        back = self.back
        kept, written = of("f") * of("c_prev"), of("i") * of("g")

        def masked(value: float, *names: str) -> str:
            return "?" if any(self.asked(name, t) for name in names) else number(value)

        slope_c = self.slope("c", t) if back else None
        says_c = self.says("c", t, f"C{sub(t + 1)}")
        ways = ""
        if back:
            straight, h = self.slope("c_straight", t), self.slope("c_through_h", t)
            ways = (
                f" = {small(straight)} straight along the cell state {'−' if h < 0 else '+'} {small(abs(h))} through h"
            )
        return [
            self.wire(f"M{x0} {_TOP}H{x0 + _AT['f']}", CSS["c"], of("c_prev"), self.slope("c_prev", t) if back else None,
                      f"c@{t}/{self.u} c_prev@{t + 1}/{self.u}" + (f" dc_straight@{t}/{self.u}" if back else ""),
                      f"C{sub(t)} comes in: {number(of('c_prev'))}" if not back else
                      f"the straight way back, ∂C{sub(t + 1)} · f{sub(t + 1)} = {small(self.slope('c_prev', t))}", t, scale=2),
            self.wire(f"M{x0 + _AT['f']} {_TOP}H{x0 + _PLUS}", CSS["c"], kept, slope_c, self.part("kept", t=t),
                      f"f{sub(t + 1)} · C{sub(t)} = {masked(kept, 'f')} is kept", t, scale=2),
            self.wire(f"M{x0 + _PLUS} {_TOP}H{x0 + CELL}", CSS["c"], of("c"), slope_c, self.part("c", t=t), says_c + ways, t,
                      head="c", scale=2),
            self.wire(f"M{x0 + _PLUS} {_SHOW}V{_TOP}", CSS["c"], written, slope_c, self.part("written", t=t),
                      f"i{sub(t + 1)} · c̃{sub(t + 1)} = {masked(written, 'i', 'g')} is written", t, scale=2),
            self.wire(f"M{x0 + _OUT} {_TOP}V{_SHOW}", CSS["c"], of("tanh_c"), self.slope("c_through_h", t) if back else None,
                      self.part("tanh_c", t=t) + (f" dc_through_h@{t + 1}/{self.u}" if back else ""),
                      f"tanh C{sub(t + 1)} = {masked(of('tanh_c'), 'c')}" if not back else
                      f"the way to C{sub(t + 1)} through h: {small(self.slope('c_through_h', t))}", t),
            self.wire(f"M{x0 + _OUT} {_SHOW}V{_BUS}H{x0 + CELL}", CSS["h"], of("h"), self.slope("h", t) if back else None,
                      self.part("h", t=t), self.says("h", t, f"h{sub(t + 1)}"), t, head="h"),
        ]  # fmt: skip

    def gates(self, t: int, x0: int) -> list[str]:
        found, units = [], self.view.setting.units
        for gate in ORDER:
            at, colour = x0 + _AT[gate], CSS[gate]
            slope = self.slope(gate, t) if self.back else None
            says = self.says(gate, t, f"{SYMBOL[gate]}{sub(t + 1)}")
            up = {
                "f": f"V{_TOP}",
                "i": f"V{_SHOW}H{x0 + _PLUS}",
                "g": f"V{_SHOW}H{x0 + _PLUS}",
                "o": f"V{_SHOW}H{x0 + _OUT}",
            }[gate]
            found.append(
                self.wire(f"M{at} {_GATE}{up}", colour, self.value(gate, t), slope, self.part(gate, t=t), says, t)
            )
            # Below: the same weights at every step, so pointing at one lights this wire in every cell.
            k = GATES.index(gate) * units + self.u
            own = [Place("W", (d, k)) for d in range(self.view.setting.features)] + [
                Place("U", (j, k)) for j in range(units)
            ]
            part = self.part(f"z_{gate}", t=t) + " " + " ".join(str(place) for place in [*own, Place("b", (k,))])
            through = self.through(gate, t) if self.back else None
            said = self.says_z(gate, t, through)
            found.append(
                self.wire(f"M{at} {_BUS}V{_GATE_END}", colour if self.back else _MUTED, 0.2, through, part, said, t)
            )
            found.append(self.gate(gate, t, at, says))
        signs = ((_AT["f"], _TOP, "×", "f"), (_PLUS, _SHOW, "×", "i"), (_PLUS, _TOP, "+", "c"), (_OUT, _SHOW, "×", "o"))
        found += [
            f'<circle cx="{x0 + x}" cy="{y}" r="8" fill="{_BACK}" stroke="{CSS[hue]}" stroke-width="1.5"/>'
            + _text(x0 + x, y + 4, sign, weight=700, halo=False)
            for x, y, sign, hue in signs
        ]
        return found

    def says_z(self, gate: str, t: int, through: float | None) -> str:
        z = f"z of {SYMBOL[gate]}{sub(t + 1)}"
        if not self.forward:
            return f"{z}: W x + U h + b, with the same weights at every step"
        words = f"{z} = {'?' if self.asked(f'z_{gate}', t) else number(self.value(f'z_{gate}', t))}"
        if through is not None:
            words += (
                f"; ∂loss/∂z = {small(self.slope(f'z_{gate}', t))}; through this gate h{sub(t)} gets {small(through)}"
            )
        return words

    def gate(self, gate: str, t: int, at: int, says: str) -> str:
        """The box of a gate, filled like a gauge, with its number in it."""
        left, high = at - 15, _GATE_END - _GATE
        level = min(abs(self.value(gate, t)), 1.0) * high if self.forward and not self.asked(gate, t) else 0.0
        shown = self.shown(gate, t)
        size = 10.5 if len(shown) < 6 else 9.5
        return (
            f'<g data-gate="{gate}" data-part="{self.part(gate, t=t)}" data-t="{t + 1}" data-says="{escape(says)}">'
            f'<rect x="{left}" y="{_GATE}" width="30" height="{high}" rx="6" fill="{_BACK}"/>'
            f'<rect x="{left}" y="{_GATE_END - level:.1f}" width="30" height="{level:.1f}" rx="6" fill="{CSS[gate]}" fill-opacity="0.28"/>'
            f'<rect x="{left}" y="{_GATE}" width="30" height="{high}" rx="6" fill="none" stroke="{CSS[gate]}" stroke-width="1.6"/>'
            f"{_text(at, _GATE + 16, SYMBOL[gate], weight=700, halo=False)}{_text(at, _GATE + 34, shown, size=size, halo=False)}</g>"
        )

    def inputs(self, t: int, x0: int) -> list[str]:
        values = self.view.setting.sequences[self.n][t]
        parts = " ".join(f"x@{t + 1}/{d}" for d in range(len(values)))
        shown = ", ".join(
            number(v).rstrip("0").rstrip(".") if v != round(v) else f"{v:g}".replace("-", "−") for v in values
        )
        return [
            f'<path d="M{x0 + 16} {_X}V{_BUS}" fill="none" stroke="{_MUTED}" stroke-width="2" data-part="{parts}" data-t="{t + 1}" '
            f'data-says="x{sub(t + 1)} = {shown}"/>',
            f'<path d="M{x0} {_BUS}H{x0 + _AT["o"]}" fill="none" stroke="{CSS["h"]}" stroke-width="1.6" opacity="0.6" '
            f'data-part="h@{t}/{self.u}{f" dh@{t}/{self.u}" if self.back else ""}" data-t="{t + 1}" '
            f'data-says="h{sub(t)} goes to all four gates"/>',
            _text(x0 + 16, _X + 15, f"x{sub(t + 1)} = {shown}", weight=600, anchor="start" if len(values) > 1 else "middle",
                  part=parts, x_shift=-12 if len(values) > 1 else 8),
        ]  # fmt: skip

    def numbers(self, t: int, x0: int) -> list[str]:
        if not self.forward:
            return []
        right = x0 + CELL - 2
        found = [
            _text(
                right,
                _TOP - 9,
                f"C{sub(t + 1)} {self.shown('c', t)}",
                anchor="end",
                weight=600,
                part=self.part("c", t=t),
            ),
            _text(
                right,
                _BUS + 17,
                f"h{sub(t + 1)} {self.shown('h', t)}",
                anchor="end",
                weight=600,
                part=self.part("h", t=t),
            ),
        ]
        if self.back:
            found += [
                _text(
                    right,
                    _TOP - 23,
                    f"∂ {small(self.slope('c', t))}",
                    anchor="end",
                    size=11,
                    part=f"dc@{t + 1}/{self.u}",
                ),
                _text(
                    right,
                    _BUS + 31,
                    f"∂ {small(self.slope('h', t))}",
                    anchor="end",
                    size=11,
                    part=f"dh@{t + 1}/{self.u}",
                ),
            ]
            for gate in ORDER:
                found.append(
                    _text(
                        x0 + _AT[gate],
                        _GATE - 4,
                        small(self.slope(gate, t)),
                        size=9.5,
                        part=f"d{gate}@{t + 1}/{self.u}",
                    )
                )
        return found

    def bars(self, t: int, x0: int) -> str:
        """h of all units: a bar each, upwards or downwards; the one that is looked at is outlined."""
        if self.view.setting.units == 1:
            return ""
        h, found = self.moment.passed.steps[t].h[self.n], []
        middle = _X + 22
        for unit, value in enumerate(h):
            high = 14 * float(value) if self.forward else 0.0
            x = x0 + CELL - 16 - 13 * (len(h) - 1 - unit)
            edge = CSS["h"] if unit == self.u else "none"
            says = f"h{sub(t + 1)} of unit {unit + 1}" + (f": {number(float(value))}" if self.forward else "")
            found.append(
                f'<g data-choose="unit {unit}" data-part="h@{t + 1}/{unit} u{unit}" data-t="{t + 1}" data-says="{says}">'
                f'<rect x="{x}" y="{middle - 14}" width="10" height="28" fill="{_MUTED}" fill-opacity="0.15" stroke="{edge}"/>'
                f'<rect x="{x}" y="{middle - max(high, 0):.1f}" width="10" height="{abs(high):.1f}" fill="{CSS["h"]}"/></g>'
            )
        return "".join(found)

    def end(self) -> str:
        """V h + d, the target, the loss."""
        time = self.view.setting.time
        x0, last = LEFT + CELL * time, time
        v = self.moment.weights.output_kernel[self.u, 0]
        part = " ".join([f"V[{j},0]" for j in range(self.view.setting.units)] + ["d[0]", "prediction"])
        found = [
            f'<path d="M{x0} {_BUS}H{x0 + 22}V130H{x0 + 40}" fill="none" stroke="{CSS["h"]}" stroke-width="2" '
            f'marker-{"start" if self.back else "end"}="url(#turn-h)" data-part="{part}" data-t="{last}" '
            f'data-says="the last h answers: prediction = V h + d, V = {number(float(v))} for this unit"/>',
            _text(x0 + 42, 122, "V h + d", anchor="start", fill=_MUTED, size=12, part=part),
        ]
        if self.forward:
            prediction = float(self.moment.passed.prediction[self.n, 0])
            words = "?" if "prediction" in self.hidden else number(prediction)
            found.append(_text(x0 + 42, 142, f"prediction {words}", anchor="start", weight=700, part="prediction"))
        target = self.view.setting.targets[self.n]
        found.append(_text(x0 + 42, 162, f"target {number(target)}", anchor="start"))
        if self.view.at_least("loss"):
            error = float(self.moment.loss.error[self.n, 0])
            found.append(_text(x0 + 42, 186, f"off by {number(error)}", anchor="start"))
            found.append(
                _text(x0 + 42, 206, f"loss {small(self.moment.loss.value)}", anchor="start", weight=700, part="loss")
            )
        if self.back:
            slope = float(self.moment.loss.slope[self.n, 0])
            found.append(_text(x0 + 42, 228, f"∂ {small(slope)}", anchor="start", size=11, part="dprediction"))
        return f'<g data-order="{time + 1}">{"".join(found)}</g>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "middle",
    size: float = 12.5,
    weight: int = 400,
    fill: str = _TEXT,
    halo: bool = True,
    part: str = "",
    x_shift: float = 0,
) -> str:
    edge = f' stroke="{_BACK}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"' if halo else ""
    lights = f' data-part="{part}"' if part else ""
    return (
        f'<text x="{x + x_shift:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}"{edge}{lights}>{escape(text)}</text>'
    )
