"""The cell's equations with the numbers of one time step in them. What is computed comes from `lstm`; this writes it.

A formula is HTML of ours for `ui.cell.show.sheet`: every term carries the name of the wire it stands on, so that the two
light up together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lstm.lessons.gates import ScalarStep, Setting

SYMBOL = {"i": "i", "f": "f", "g": "c̃", "o": "o"}
_SQUASH = {"i": "σ", "f": "σ", "g": "tanh", "o": "σ"}
SQUASHED = {"tanh": "tanh", "sigmoid": "σ", "relu": "ReLU"}
"""How an activation is written."""
Part = Callable[[str], str]
"""Turns the name of a quantity (`f`, `c_prev`, `W_f`) into the name under which it lights up on a page."""


@dataclass(frozen=True)
class Product:
    """One summand of z: a weight and what it is multiplied with, each with its symbol and the name it lights up under."""

    weight: float
    weight_symbol: str
    weight_part: str
    factor: float | None = None
    factor_symbol: str = ""
    factor_part: str = ""


def sub(n: int) -> str:
    """An index: 12 as ₁₂."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(n))


def itself(name: str) -> str:
    return name


def gate_formula(gate: str, setting: Setting, step: ScalarStep) -> str:
    """f₂ = σ(W x₂ + U h₁ + b) = σ(0.4·2 + …) = σ(0.822) = 0.695, a line for each."""
    weights, t = getattr(setting.cell, gate), step.t
    products = (
        Product(weights.W, "W", f"W_{gate}", step.x, f"x{sub(t)}", "x"),
        Product(weights.U, "U", f"U_{gate}", step.h_prev, f"h{sub(t - 1)}", "h_prev"),
        Product(weights.b, "b", f"b_{gate}"),
    )
    squash = SQUASHED[setting.activation] if gate == "g" else None
    return wide_gate_formula(gate, t, products, step, itself, held=gate in setting.clamp, squash=squash)


def wide_gate_formula(
    gate: str,
    t: int,
    products: Sequence[Product],
    step: ScalarStep,
    part: Part,
    *,
    held: bool = False,
    squash: str | None = None,
    hidden: frozenset[str] = frozenset(),
) -> str:
    """The same for a unit that hears several features and several units. Numbers of `hidden` quantities are asked for."""
    squash = squash or _SQUASH[gate]
    value = _result(gate, getattr(step, gate), gate, part, hidden)
    left = term(part(gate), _i(f"{SYMBOL[gate]}{sub(t)}"), gate, t)
    if held:
        return equation(left, value, "held, whatever comes in")
    z = _hide(f"z_{gate}", getattr(step, f"z_{gate}"), hidden)
    symbols = " + ".join(_symbols(product, t) for product in products)
    numbers = " ".join(_numbers(product, first=k == 0, t=t) for k, product in enumerate(products))
    return equation(
        left,
        f"{squash}({symbols})",
        f"{squash}({numbers})",
        f"{squash}({term(part(f'z_{gate}'), z, '', t)}) = {value}",
    )


def squashed(gate: str, step: ScalarStep) -> str:
    """f₂ = σ(z) = σ(0.822) = 0.695, for a unit of a wide cell, whose z is a sum too long to write out."""
    squash = _SQUASH[gate]
    z = term(f"z_{gate}", three(getattr(step, f"z_{gate}")))
    left = term(gate, _i(f"{SYMBOL[gate]}{sub(step.t)}"), gate)
    return equation(
        left,
        f"{squash}({_i('z')}<sub>{SYMBOL[gate]}</sub>) = {squash}({z}) = {_result(gate, getattr(step, gate), gate)}",
    )


def cell_formula(step: ScalarStep, part: Part = itself, hidden: frozenset[str] = frozenset()) -> str:
    """C₂ = f₂ C₁ + i₂ c̃₂ with numbers."""
    t = step.t
    f, i, g = (term(part(gate), _i(f"{SYMBOL[gate]}{sub(t)}"), gate, t) for gate in "fig")
    before = term(part("c_prev"), _i(f"C{sub(t - 1)}"), "c", t)
    numbers = {name: term(part(name), _hide(name, getattr(step, name), hidden), "", t) for name in "fi"}
    factors = {
        name: term(part(name), _hide(name, getattr(step, name), hidden, bracketed), "", t) for name in ("c_prev", "g")
    }
    written = _hide("written", step.written, hidden | ({"written"} if hidden & {"i", "g"} else set()))
    kept = _hide("kept", step.kept, hidden | ({"kept"} if "f" in hidden else set()))
    plus = (
        f"− {term(part('written'), written[1:], '', t)}"
        if written.startswith("−")
        else f"+ {term(part('written'), written, '', t)}"
    )
    return equation(
        term(part("c"), _i(f"C{sub(t)}"), "c", t),
        f"{f} {before} + {i} {g}",
        f"{numbers['f']} · {factors['c_prev']} + {numbers['i']} · {factors['g']}",
        f"{term(part('kept'), kept, '', t)} {plus} = {_result('c', step.c, 'c', part, hidden, t)}",
    )


def hidden_formula(
    step: ScalarStep, part: Part = itself, hidden: frozenset[str] = frozenset(), squash: str = "tanh"
) -> str:
    """h₂ = o₂ tanh(C₂) with numbers."""
    t = step.t
    o = term(part("o"), _hide("o", step.o, hidden), "", t)
    c = term(part("c"), _hide("c", step.c, hidden), "", t)
    shown = _hide("tanh_c", step.tanh_c, hidden | ({"tanh_c"} if "c" in hidden else set()), bracketed)
    return equation(
        term(part("h"), _i(f"h{sub(t)}"), "h", t),
        f"{term(part('o'), _i(f'o{sub(t)}'), 'o', t)} {squash}({term(part('c'), _i(f'C{sub(t)}'), 'c', t)})",
        f"{o} · {squash}({c})",
        f"{o} · {term(part('tanh_c'), shown, '', t)} = {_result('h', step.h, 'h', part, hidden, t)}",
    )


def prediction_formula(setting: Setting, step: ScalarStep) -> str:
    """prediction = V·h₂ with numbers."""
    v, h = term("V", _weight(setting.cell.output)), term("h", bracketed(step.h))
    result = _result("prediction", step.prediction, "h")
    return equation("prediction", f"{_i('V')} {term('h', _i(f'h{sub(step.t)}'))} = {v} · {h} = {result}")


def formulas(*several: str, step: int | None = None) -> str:
    """Several formulas side by side, as many as there is room for; with `step`, a section among others."""
    section = "" if step is None else f' data-step="{step}"'
    return f'<div class="formulas"{section}>{"".join(several)}</div>'


def equation(left: str, *right: str) -> str:
    """One equation: what stands on its left, and a line for each way of writing its right."""
    rows = "".join(f"<div>{left if k == 0 else ''}</div><div>{line}</div>" for k, line in enumerate(right))
    return f'<div class="formula">{rows}</div>'


def _i(symbol: str) -> str:
    return f"<i>{symbol}</i>"


def term(part: str, text: str, css: str = "", t: int | None = None) -> str:
    """A piece of a formula that lights up under `part`, in the colour of `css` (a gate or c), at time step `t`."""
    at = "" if t is None else f' data-t="{t}"'
    return f'<span data-part="{part}"{at} tabindex="0" class="{css}">{text}</span>'


def _symbols(product: Product, t: int) -> str:
    weight = term(product.weight_part, _i(product.weight_symbol), "", t)
    return (
        weight if product.factor is None else f"{weight} {term(product.factor_part, _i(product.factor_symbol), '', t)}"
    )


def _numbers(product: Product, first: bool, t: int) -> str:
    text = _weight(product.weight)
    if not first:
        text, sign = (text[1:], "− ") if text.startswith("−") else (text, "+ ")
    else:
        sign = ""
    weight = sign + term(product.weight_part, text, "", t)
    return (
        weight
        if product.factor is None
        else f"{weight} · {term(product.factor_part, bracketed(product.factor), '', t)}"
    )


def _result(
    name: str, value: float, css: str, part: Part = itself, hidden: frozenset[str] = frozenset(), t: int | None = None
) -> str:
    return term(part(name), f"<b>{_hide(name, value, hidden)}</b>", css, t)


def _hide(name: str, value: float, hidden: frozenset[str], write: Callable[[float], str] | None = None) -> str:
    return "?" if name in hidden else (write or three)(value)


def three(value: float) -> str:
    """Three decimals and a true minus sign."""
    text = f"{value:.3f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def _weight(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def bracketed(value: float) -> str:
    """A number behind a multiplication sign: a negative one in brackets."""
    text = _weight(value) if value == round(value, 2) else three(value)
    return f"({text})" if text.startswith("−") else text
