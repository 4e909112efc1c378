"""Very large and very small numbers, as Memory writes them: in words of Markdown, and in formulas."""

from __future__ import annotations

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value: float) -> str:
    """8.7e-06 as 8.7 · 10⁻⁶, and 1e-06 as 10⁻⁶."""
    mantissa, power = _parts(value)
    if mantissa == "1.0":
        return f"10{str(power).translate(_RAISED)}"
    return f"{mantissa} · 10{str(power).translate(_RAISED)}"


def latex_number(value: float) -> str:
    """0.012, or 8.7 \\cdot 10^{-6} where three decimals would not show it."""
    if value == 0 or 1e-3 <= abs(value) < 1e3:
        return f"{value:.3f}"
    mantissa, power = _parts(value)
    return rf"{mantissa} \cdot 10^{{{power}}}"


def _parts(value: float) -> tuple[str, int]:
    mantissa, _, power = f"{value:.1e}".partition("e")
    return mantissa, int(power)
