"""The source of `cell.forward` and `cell.backward`, each line lit together with the number it makes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from html import escape
from typing import Any

from lstm import cell

GATES = ("i", "f", "g", "o")
FORWARD = {
    "z = x @ kernel": tuple(f"z_{gate}" for gate in GATES),
    "z_i, z_f, z_g, z_o = ": tuple(f"z_{gate}" for gate in GATES),
    "i, f, g, o = sigmoid": GATES,
    "c = f * c_prev": ("c", "kept", "written"),
    "tanh_c = ": ("tanh_c",),
    "h = o * tanh_c": ("h",),
}
BACKWARD = {
    "do = dh": ("do",),
    "dtanh_c = dh": ("dc_through_h", "dtanh_c"),
    "dc = dc + ": ("dc", "dc_through_h", "dc_straight", "dkept", "dwritten"),
    "df = dc": ("df",),
    "di = dc": ("di",),
    "dg = dc": ("dg",),
    "dc_prev = dc": ("dc_straight", "dc_prev"),
    'by_gate = {"i"': tuple(f"dz_{gate}" for gate in GATES),
    "h_prev=dz @": ("dh",),
    "kernel=s.x.T @": ("kernel",),
    "recurrent_kernel=s.h_prev.T @": ("recurrent_kernel",),
    "bias=dz.sum": ("bias",),
}
"""How a line begins, and what it makes. `kernel`, `recurrent_kernel` and `bias` stand for all their weights."""


def source_html(
    function: Callable[..., Any], lines: dict[str, tuple[str, ...]], time: int, unit: int, weights: dict[str, str]
) -> str:
    """The function's lines without its docstring; those of `lines` light up with what they make, at every time step.

    `weights` has the parts of the arrays, such as "W[0,0] W[0,1]" for the kernel.
    """
    found = []
    for line in code_lines(function):
        made = next((names for begins, names in lines.items() if line.strip().startswith(begins)), ())
        parts = [weights.get(name) or " ".join(f"{name}@{t + 1}/{unit}" for t in range(time)) for name in made]
        lights = f' data-part="{" ".join(parts)}"' if parts else ""
        found.append(f"<span{lights}>{escape(line)}</span>")
    return f"<pre>{''.join(found)}</pre>"


def code_lines(function: Callable[..., Any]) -> list[str]:
    """The source, with the docstring left out: the equations are on the page already."""
    text = inspect.getsource(function)
    if function.__doc__:
        before, _, rest = text.partition('"""')
        text = before.rstrip() + rest.partition('"""')[2]
    return text.rstrip().split("\n")


def both_html(time: int, unit: int, weights: dict[str, str]) -> tuple[str, str]:
    """Forward and backward."""
    return (
        source_html(cell.forward, FORWARD, time, unit, {}),
        source_html(cell.backward, BACKWARD, time, unit, weights),
    )
