"""Every number in tables: the weights as blocks in the gates' colours, and all quantities over the time steps."""

from __future__ import annotations

from lstm.cell import GATES
from lstm.lessons.learning.network import Place, initial
from lstm.lessons.learning.training import Moment
from ui.cell.formula import SYMBOL, sub
from ui.learning.link import View
from ui.learning.unrolled import small

NAMES = {
    "W": "W, what each gate hears of the input", "U": "U, what it hears of the last h", "b": "b, the biases",
    "V": "V, what the answer hears of h", "d": "d",
}  # fmt: skip
KERAS = {"W": "kernel", "U": "recurrent_kernel", "b": "bias", "V": "output kernel", "d": "output bias"}


def weights_html(view: View, moment: Moment) -> str:
    """W (features × 4·units), U (units × 4·units), b, V and d: value, and as far as the step has come gradient and new value."""
    return f'<div class="blocks">{"".join(_block(view, moment, letter) for letter in "WUbVd")}</div>'


def _block(view: View, moment: Moment, letter: str) -> str:
    units, features = view.setting.units, view.setting.features
    rows = {"W": features, "U": units, "b": 1, "V": units, "d": 1}[letter]
    wide = letter in "WUb"
    size = {
        "W": f"{features} × {4 * units}",
        "U": f"{units} × {4 * units}",
        "b": f"{4 * units}",
        "V": f"{units} × 1",
        "d": "1",
    }[letter]
    head = ""
    if wide:
        gates = "".join(
            f'<th colspan="{units}" class="{gate}" style="text-align:center"><i>{SYMBOL[gate]}</i></th>'
            for gate in GATES
        )
        head = f"<tr><td></td>{gates}</tr>"
        if units > 1:
            unit = "".join(
                f'<th data-part="u{u}" data-choose="unit {u}" tabindex="0" title="unit {u + 1}">{u + 1}</th>'
                for _ in GATES
                for u in range(units)
            )
            head += f"<tr><th>unit</th>{unit}</tr>"
    body = "".join(f"<tr>{_row_head(letter, row, view)}{_cells(view, moment, letter, row)}</tr>" for row in range(rows))
    return (
        f'<div class="scroll"><table><caption><b>{NAMES[letter]}</b> <span style="opacity:.7">{KERAS[letter]}, {size}</span></caption>'
        f"{head}{body}</table></div>"
    )


def _row_head(letter: str, row: int, view: View) -> str:
    if letter == "W":
        return f"<th><i>x{sub(row + 1) if view.setting.features > 1 else ''}</i></th>"
    if letter in "UV":
        many = view.setting.units > 1
        return f'<th data-part="u{row}"><i>h{sub(row + 1) if many else ""}</i></th>'
    return "<td></td>"


def _cells(view: View, moment: Moment, letter: str, row: int) -> str:
    units, found = view.setting.units, []
    for k in range({"V": 1, "d": 1}.get(letter, 4 * units)):
        place = Place(letter, {"W": (row, k), "U": (row, k), "b": (k,), "V": (row, 0), "d": (0,)}[letter])
        gate, now = place.gate(units), ' class="now"' if place in (view.weight, view.second) else ""
        lights = f"u{k % units}" if letter in "WUb" else f"u{row}" if letter == "V" else ""
        if letter == "U":
            lights += f" u{row}"
        hue = f' data-gate="{gate}"' if gate else ""
        lines = [f"{moment.weights.at(place):.3f}".replace("-", "−")]
        if view.at_least("backward"):
            lines.append(f"<small>∂ {small(moment.back.gradient.at(place))}</small>")
        if view.at_least("update") and moment.after is not None:
            lines.append(f"<b>{moment.after.at(place):.3f}</b>".replace("-", "−"))
        found.append(
            f'<td{now}{hue} data-part="{place} {lights}" data-lights="{place}" data-choose="weight {place}" tabindex="0" '
            f'data-says="{_says(place, view, moment)}">{"".join(lines)}</td>'
        )
    return "".join(found)


def _says(place: Place, view: View, moment: Moment) -> str:
    units, time = view.setting.units, view.setting.time
    gate = place.gate(units)
    used = f"used at all {time} steps" if place.letter in "WUb" and time > 1 else "used once, after the last step"
    used = "used at the only step" if place.letter in "WUb" and time == 1 else used
    of = f", {SYMBOL[gate]} of unit {place.unit(units) + 1}" if gate else ""
    words = f"{place}{of}: {moment.weights.at(place):.3f}, {used}"
    if view.at_least("backward"):
        words += f"; gradient {small(moment.back.gradient.at(place))}"
    return words.replace("-", "−")


QUANTITIES = (
    ("x", "x"), ("z_f", "z of f"), ("z_i", "z of i"), ("z_g", "z of c̃"), ("z_o", "z of o"),
    ("f", "f"), ("i", "i"), ("g", "c̃"), ("o", "o"), ("c", "C"), ("tanh_c", "tanh C"), ("h", "h"),
)  # fmt: skip


def steps_html(view: View, moment: Moment, hidden: frozenset[str] = frozenset()) -> str:
    """Every quantity at every time step, for the example and unit on show: its value, and below it its gradient."""
    n, u, units = view.example, view.unit, view.setting.units
    head = "".join(f'<th data-choose="t {t}" tabindex="0">step {t + 1}</th>' for t in range(view.setting.time))
    rows = []
    for name, symbol in QUANTITIES:
        cells = []
        for t, (step, arrived) in enumerate(zip(moment.passed.steps, moment.back.steps, strict=True)):
            if name == "x":
                values = step.x[n]
                slopes = arrived.inside.x[n]
                part = " ".join(f"x@{t + 1}/{d}" for d in range(len(values)))
            else:
                values = [getattr(step, name)[n, u]]
                slopes = [_slope(arrived, name, n, u, units)]
                part = f"{name}@{t + 1}/{u}"
            shown = ", ".join(f"{v:.3f}".replace("-", "−") for v in values)
            if name != "x" and not view.at_least("forward"):
                shown = "·"
            elif t == view.t and (name in hidden or (name == "tanh_c" and "c" in hidden)):
                shown = "?"
            slope = ""
            if view.at_least("backward"):
                slope = f"<small>∂ {', '.join(small(float(v)) for v in slopes)}</small>"
                part += f" d{name}@{t + 1}/{u}"
            hue = f' data-gate="{name[-1]}"' if name[-1] in GATES and name != "tanh_c" else ""
            now = ' class="now"' if t == view.t and name == "h" else ""
            cells.append(f'<td{hue}{now} data-part="{part}" data-t="{t + 1}" tabindex="-1">{shown}{slope}</td>')
        rows.append(f"<tr><th><i>{symbol}</i></th>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><tr><td></td>{head}</tr>{"".join(rows)}</table></div>'


def _slope(arrived: object, name: str, n: int, u: int, units: int) -> float:
    if name.startswith("z_"):
        return float(arrived.inside.z[n, GATES.index(name[2:]) * units + u])
    source = arrived if name in ("h", "c") else arrived.inside
    return float(getattr(source, name)[n, u])


def parameters(features: int, units: int) -> int:
    """How many numbers a network of this size learns: counted, not calculated."""
    return initial(features, units, 0).flat().size
