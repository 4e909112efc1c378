"""The equations of one time step with their numbers, forward and back, for the unit that is looked at; every step's, of
which the page shows the one that is pointed at."""

from __future__ import annotations

from lstm.cell import GATES
from lstm.lessons.gates import ScalarStep, of_unit
from lstm.lessons.learning.network import Place
from lstm.lessons.learning.training import Moment
from ui.cell.formula import (
    SYMBOL,
    Product,
    bracketed,
    cell_formula,
    equation,
    formulas,
    hidden_formula,
    sub,
    term,
    wide_gate_formula,
)
from ui.learning.link import View
from ui.learning.unrolled import small


def scalar_step(view: View, moment: Moment, t: int) -> ScalarStep:
    """One unit's numbers of time step `t` (from 0), for the example on show."""
    step = moment.passed.steps[t]
    alone = type(step)(**{
        name: value[view.example : view.example + 1] if hasattr(value, "shape") else value for name, value in vars(step).items()
    })  # fmt: skip
    return of_unit(alone, view.unit, t + 1)


def sheet_html(view: View, moment: Moment, hidden: frozenset[str] = frozenset()) -> str:
    """All steps' equations, a section each: forward, and once the gradient has come back, those of the way back."""
    found = []
    for t in range(view.setting.time):
        asked = hidden if t == view.t else frozenset()
        several = _forward(view, moment, t, asked)
        if view.at_least("backward"):
            several += _backward(view, moment, t)
        found.append(formulas(*several, step=t + 1))
    return "".join(found)


def _forward(view: View, moment: Moment, t: int, hidden: frozenset[str]) -> list[str]:
    step, at = scalar_step(view, moment, t), t + 1

    def part(name: str) -> str:
        before = {"c_prev": f"c@{t}", "h_prev": f"h@{t}"}
        return f"{before.get(name, f'{name}@{at}')}/{view.unit}"

    found = [
        wide_gate_formula(gate, at, _products(view, moment, gate, t), step, part, hidden=hidden)
        for gate in ("f", "i", "g", "o")
    ]
    return [*found, cell_formula(step, part, hidden), hidden_formula(step, part, hidden)]


def _products(view: View, moment: Moment, gate: str, t: int) -> list[Product]:
    """W x for every feature, U h for every unit, and b."""
    units, weights, n = view.setting.units, moment.weights, view.example
    k = GATES.index(gate) * units + view.unit
    step, found = moment.passed.steps[t], []
    features = view.setting.features
    for d in range(features):
        symbol = "x" + (f"<sub>{t + 1},{d + 1}</sub>" if features > 1 else sub(t + 1))
        place = Place("W", (d, k))
        found.append(
            Product(weights.at(place), _w("W", d, features), str(place), float(step.x[n, d]), symbol, f"x@{t + 1}/{d}")
        )
    for j in range(units):
        symbol = "h" + (f"<sub>{t},{j + 1}</sub>" if units > 1 else sub(t))
        place = Place("U", (j, k))
        found.append(
            Product(weights.at(place), _w("U", j, units), str(place), float(step.h_prev[n, j]), symbol, f"h@{t}/{j}")
        )
    place = Place("b", (k,))
    return [*found, Product(weights.at(place), "b", str(place))]


def _w(letter: str, row: int, rows: int) -> str:
    return letter + (sub(row + 1) if rows > 1 else "")


def _backward(view: View, moment: Moment, t: int) -> list[str]:
    n, u, units, at = view.example, view.unit, view.setting.units, t + 1
    arrived, step, last = moment.back.steps[t], scalar_step(view, moment, t), t == view.setting.time - 1
    inside = arrived.inside

    def d(name: str, value: float, css: str = "", symbol: str | None = None) -> str:
        words = small(value) if symbol is None else f"<i>∂{symbol}</i>"
        return term(f"d{name}@{at}/{u}", words, css, at)

    def q(name: str, value: float) -> str:
        before = {"c_prev": f"c@{t}"}
        return term(f"{before.get(name, f'{name}@{at}')}/{u}", bracketed(value), "", at)

    dh, dc = float(arrived.h[n, u]), float(arrived.c[n, u])
    straight, through_h = float(arrived.c_straight[n, u]), float(arrived.c_through_h[n, u])
    if last:
        v, slope = float(moment.weights.output_kernel[u, 0]), float(moment.loss.slope[n, 0])
        ways = [
            "V · ∂prediction",
            f"{term(f'V[{u},0]', bracketed(v), '', at)} · {term('dprediction', small(slope), '', at)}",
        ]
    else:
        parts = [
            (f"dz_{gate}@{at + 1}/{u}", float(arrived.h_through[gate][n, u]), gate) for gate in ("f", "i", "g", "o")
        ]
        ways = ["through f, i, c̃, o of the next step", _sum(parts, at)]
    found = [
        equation(d("h", dh, "", f"h{sub(at)}"), *ways, f"<b>{d('h', dh)}</b>"),
        equation(
            d("c", dc, "c", f"C{sub(at)}"),
            f"straight, f{sub(at + 1)} · ∂C{sub(at + 1)}, and through h",
            _sum([(f"dc_straight@{at}/{u}", straight, "c"), (f"dc_through_h@{at}/{u}", through_h, "")], at),
            f"<b>{d('c', dc, 'c')}</b>",
        ),
    ]
    slopes = {
        "f": (dc, "c", "c_prev", step.c_prev, f"C{sub(t)}"), "i": (dc, "c", "g", step.g, f"c̃{sub(at)}"),
        "g": (dc, "c", "i", step.i, f"i{sub(at)}"), "o": (dh, "h", "tanh_c", step.tanh_c, f"tanh C{sub(at)}"),
    }  # fmt: skip
    for gate, (source, name, other, value, symbol) in slopes.items():
        own = float(getattr(inside, gate)[n, u])
        z = float(inside.z[n, GATES.index(gate) * units + u])
        a = f"{SYMBOL[gate]}{sub(at)}"
        slope = f"(1 − {a}²)" if gate == "g" else f"{a} (1 − {a})"
        big = "C" if name == "c" else "h"
        found.append(
            equation(
                d(gate, own, gate, a),
                f"<i>∂{big}{sub(at)}</i> · {symbol}",
                f"{d(name, source)} · {q(other, value)} = <b>{d(gate, own, gate)}</b>",
            )
        )
        value = getattr(step, gate)
        steep = 1 - value**2 if gate == "g" else value * (1 - value)
        found.append(
            equation(
                d(f"z_{gate}", z, gate, f"z<sub>{a}</sub>"),
                f"<i>∂{a}</i> · {slope}",
                f"{d(gate, own)} · {q(gate, steep)} = <b>{d(f'z_{gate}', z, gate)}</b>",
            )
        )
    return found


def _sum(summands: list[tuple[str, float, str]], t: int) -> str:
    """Part, value and colour of each, with + and − between them."""
    found = []
    for k, (part, value, css) in enumerate(summands):
        text, sign = small(value), ""
        if k:
            text, sign = (text[1:], " − ") if text.startswith("−") else (text, " + ")
        found.append(sign + term(part, text, css, t))
    return "".join(found)
