"""The cell's equations as LaTeX with the numbers of one time step in them. What is computed comes from `lstm`; this writes it."""

from __future__ import annotations

from collections.abc import Callable

from lstm.lessons.gates import ScalarStep, Setting
from ui.theme import colours

_SYMBOL = {"i": "i", "f": "f", "g": r"\tilde c", "o": "o"}
_SQUASH = {"i": r"\sigma", "f": r"\sigma", "g": r"\tanh", "o": r"\sigma"}


def gate_formula(gate: str, setting: Setting, step: ScalarStep) -> str:
    """f₂ = σ(W x₂ + U h₁ + b) = σ(0.4·2 + …) = σ(0.822) = 0.695, a line for each."""
    symbol, squash, t = _SYMBOL[gate], _SQUASH[gate], step.t
    left = _paint(rf"{symbol}_{{{t}}}", gate)
    value = _result(getattr(step, gate), gate)
    if gate in setting.clamp:
        return _lines(rf"{left} &= {value}", r"&\text{held, whatever comes in}")
    weights = getattr(setting.cell, gate)
    return _lines(
        rf"{left} &= {squash}(W x_{{{t}}} + U h_{{{t - 1}}} + b)",
        rf"&= {squash}({_weight(weights.W)} \cdot {_factor(step.x)} {_plus(weights.U)} \cdot {_factor(step.h_prev)} "
        rf"{_plus(weights.b)})",
        rf"&= {squash}({_number(getattr(step, f'z_{gate}'))}) = {value}",
    )


def squashed(gate: str, step: ScalarStep) -> str:
    """f₂ = σ(z) = σ(0.822) = 0.695, for a unit of a wide cell, whose z is a sum too long to write out."""
    squash, t = _SQUASH[gate], step.t
    left = _paint(rf"{_SYMBOL[gate]}_{{{t}}}", gate)
    value = _result(getattr(step, gate), gate)
    return _lines(rf"{left} &= {squash}(z_{{{_SYMBOL[gate]}}}) = {squash}({_number(getattr(step, f'z_{gate}'))}) = {value}")


def cell_formula(step: ScalarStep) -> str:
    """C₂ = f₂ C₁ + i₂ c̃₂ with numbers."""
    t = step.t
    f, i, g = (_paint(rf"{_SYMBOL[gate]}_{{{t}}}", gate) for gate in "fig")
    return _lines(
        rf"{_paint(f'C_{{{t}}}', 'c')} &= {f} \, C_{{{t - 1}}} + {i} \, {g}",
        rf"&= {_number(step.f)} \cdot {_factor(step.c_prev)} + {_number(step.i)} \cdot {_factor(step.g)}",
        rf"&= {_number(step.kept)} {_plus(step.written, _number)} = {_result(step.c, 'c')}",
    )


def hidden_formula(step: ScalarStep) -> str:
    """h₂ = o₂ tanh(C₂) with numbers."""
    t = step.t
    return _lines(
        rf"h_{{{t}}} &= {_paint(f'o_{{{t}}}', 'o')} \tanh({_paint(f'C_{{{t}}}', 'c')})",
        rf"&= {_number(step.o)} \cdot \tanh({_number(step.c)})",
        rf"&= {_number(step.o)} \cdot {_factor(step.tanh_c)} = {_result(step.h, 'h')}",
    )


def prediction_formula(setting: Setting, step: ScalarStep) -> str:
    """prediction = V·h₂ with numbers."""
    return (
        rf"\text{{prediction}} = V h_{{{step.t}}} = {_weight(setting.cell.output)} \cdot {_factor(step.h)} = "
        + _result(step.prediction, "h")
    )


def _lines(*lines: str) -> str:
    return r"\footnotesize\begin{aligned}" + r"\\[3pt] ".join(lines) + r"\end{aligned}"


def _paint(latex: str, gate: str) -> str:
    if gate == "h":
        return latex  # the colour of the text
    return rf"\textcolor{{{colours()[gate]}}}{{{latex}}}"


def _result(value: float, gate: str) -> str:
    return _paint(rf"\mathbf{{{_number(value)}}}", gate)


def _number(value: float) -> str:
    text = f"{value:.3f}"
    return text.lstrip("-") if float(text) == 0 else text


def _weight(value: float) -> str:
    return f"{value:.4g}"


def _factor(value: float) -> str:
    """A number behind a multiplication sign: a negative one in brackets."""
    text = _weight(value) if value == round(value, 2) else _number(value)
    return f"({text})" if text.startswith("-") else text


def _plus(value: float, write: Callable[[float], str] = _weight) -> str:
    text = write(value)
    return f"- {text[1:]}" if text.startswith("-") else f"+ {text}"
