"""Gradients through time: two fresh networks, how far back their gradients reach, and what clipping does."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lstm.lessons.memory import through_time
from lstm.lessons.memory.through_time import Reach, Setting, Verdict
from ui.controls import Controls
from ui.lesson import csv_text, predict_then_reveal
from ui.memory import charts
from ui.numbers import latex_number, scientific
from ui.plain import sentence

reach_controls = Controls(
    "reach", {"steps": 50, "units": 16, "scale": 1.0, "bias": 1.0, "seed": 0, "limit": 1.0, "rate": 0.1}
)


@dataclass(frozen=True)
class Ways:
    """Both ways back, for one setting."""

    setting: Setting
    task: through_time.Distance
    rnn: Reach
    lstm: Reach


def computed(setting: Setting) -> Ways:
    """Both networks, forward and back: a tenth of a second at the most."""
    task = through_time.problem(setting)
    rnn, lstm = (through_time.reach(through_time.weights(setting, kind), task) for kind in ("rnn", "lstm"))
    return Ways(setting, task, rnn, lstm)


def section() -> Ways | None:
    """Controls, the curves they drive, what the numbers say. None where the settings are refused."""
    left, right = st.columns([4, 9], gap="medium")
    with left:
        setting = _settings()
    if setting is None:
        return None
    ways = computed(setting)
    with right:
        charts.way_back(ways.rnn.h_norms, ways.lstm.h_norms, ways.lstm.c_norms, height=320).show(
            "memory_way_back", "Lines on a logarithmic axis: how large the gradient still is at every earlier step"
        )
        _verdicts(ways)
    _product(ways)
    _clipping(ways)
    _question(ways)
    return ways


def _settings() -> Setting | None:
    most = through_time.LIMITS
    reach_controls.slider(
        "steps", "Time steps", 5, most["steps"], 5,
        help="How many steps are read before the loss looks at the last hidden state.",
    )  # fmt: skip
    reach_controls.slider("units", "Units", 2, most["units"], 2, help="The length of h, and of c, in both networks.")
    reach_controls.slider(
        "scale", "Weight scale", 0.0, 4.0, 0.1,
        help="What both recurrent kernels U are multiplied with. At 1 they are orthogonal: they turn h and keep its length.",
    )  # fmt: skip
    reach_controls.slider(
        "bias", "Forget bias", -2.0, 6.0, 0.5,
        help="The bias of the LSTM's forget gate. At 0 the gate is half open, at 3 it keeps 95 % of the cell state.",
    )  # fmt: skip
    with st.expander("Other networks", icon=":material/casino:"):
        reach_controls.whole("seed", "Seed", "Draws other weights, sequences and targets.")
    try:
        return Setting(
            steps=reach_controls["steps"], units=reach_controls["units"], scale=float(reach_controls["scale"]),
            forget_bias=float(reach_controls["bias"]), seed=reach_controls["seed"],
        )  # fmt: skip
    except ValueError as problem:
        st.error(sentence(problem))
        return None


def _verdicts(ways: Ways) -> None:
    columns = st.columns(2, gap="medium")
    for column, name, state, found in zip(columns, ("SimpleRNN", "LSTM"), "hc", (ways.rnn, ways.lstm), strict=True):
        with column:
            st.markdown(in_words(name, state, through_time.verdict(found.state_norms), ways.setting.steps))


def in_words(name: str, state: str, found: Verdict, steps: int) -> str:
    """A verdict in words: Markdown."""
    bold = f"**{name}: ∂loss/∂{state} {found.says}.**"
    if found.share == 0:
        return f"{bold} Nothing at all arrives: it is cut off within {found.after or 1} steps."
    arrives = _share(found.share)
    if found.says == "vanishes":
        return (
            f"{bold} Each step back leaves {found.per_step:.1%} of it, on average. After {found.after} steps less than a "
            f"thousandth is left, after {steps} steps {arrives}."
        )
    if found.says == "explodes":
        return (
            f"{bold} Each step back makes it {found.per_step:.2f} times as long, on average. After {found.after} steps it is "
            f"more than a thousand times as long, after {steps} steps {arrives}."
        )
    return f"{bold} Each step back multiplies it by {found.per_step:.3f}, on average; after {steps} steps it is {arrives}."


def _share(share: float) -> str:
    if share >= 10:
        return f"{share:,.0f} times as long" if share < 1e6 else f"{scientific(share)} times as long"
    return f"{share:.1%} of what it was" if share >= 1e-3 else f"{scientific(share)} of what it was"


def _product(ways: Ways) -> None:
    st.subheader("A product of factors", anchor=False)
    left, right = st.columns([8, 5], gap="medium")
    with left:
        charts.factors(ways.rnn.factors, ways.lstm.factors).show(
            "memory_factors", "Lines: the factor by which each step back multiplies the length of the gradient"
        )
    rnn, lstm = ways.rnn.factors, ways.lstm.factors
    with right:
        st.markdown(
            "The curves above are products of these factors. In a SimpleRNN each holds the slope $1 - h^2$, here "
            f"{ways.rnn.gate.mean():.3f} on average, and the kernel $U$. In an LSTM it is mostly the forget gate $f$, here "
            f"{ways.lstm.gate.mean():.3f} on average, and nothing squashes it."
        )
    for column, found, state in zip(st.columns(2, gap="medium"), (rnn, lstm), "hc", strict=True):
        with column:
            st.latex(_as_product(found, state))


def _as_product(factors, state: str) -> str:
    """The last factors, the first, and their product."""
    shown = [f"{factor:.2f}" for factor in factors[::-1]]
    middle = r" \cdot ".join(shown if len(shown) <= 4 else shown[:3])
    if len(shown) > 4:
        middle += rf" \cdots {shown[-1]}"
    result = latex_number(float(factors.prod()))
    ratio = rf"\frac{{\lVert\partial L/\partial {state}_0\rVert}}{{\lVert\partial L/\partial {state}_{{{len(factors)}}}\rVert}}"
    return rf"\footnotesize {ratio} = {middle} = {result}"


def _clipping(ways: Ways) -> None:
    st.subheader("What clipping does to the update", anchor=False)
    left, right = st.columns([4, 9], gap="medium")
    with left:
        reach_controls.number(
            "limit", "Clip the norm at", "A longer gradient is shortened to this; its direction stays.", 0.1
        )
        reach_controls.number("rate", "Learning rate", "The update is the gradient times this.", 0.01)
    limit, rate = reach_controls["limit"], reach_controls["rate"]
    with right:
        if limit <= 0 or rate <= 0:
            name, value = ("clip the norm at", limit) if limit <= 0 else ("learning rate", rate)
            st.error(sentence(f"{name} must be a positive number, got {value:g}"))
            return
        steps = {
            name: through_time.clip_step(found, ways.task, limit, rate)
            for name, found in (("SimpleRNN", ways.rnn), ("LSTM", ways.lstm))
        }
        st.dataframe(
            {
                "": [
                    "length of the gradient", "clipping multiplies it with", "length of the update, not clipped",
                    "length of the update, clipped", "loss before", "loss after, not clipped", "loss after, clipped",
                ],
                **{
                    name: [
                        f"{s.norm:.4g}", f"{s.factor:.3g}", f"{s.norm * rate:.3g}", f"{s.norm * s.factor * rate:.3g}",
                        f"{s.before:.3f}", f"{s.raw:.3f}", f"{s.clipped:.3f}",
                    ]
                    for name, s in steps.items()
                },
            },
            hide_index=True,
        )  # fmt: skip
        st.caption(
            "The gradient of all weights as one vector. Clipping by norm helps against exploding: a huge update throws the "
            "weights far away. Against vanishing it does nothing: there is nothing left to shorten."
        )


def _question(ways: Ways) -> None:
    st.subheader("Predict, then reveal", anchor=False)
    now = ways.setting
    to = 3.0 if now.forget_bias != 3.0 else 0.0
    options = ["Ten times as much or more", "Between a tenth and ten times as much", "A tenth or less"]

    def shares() -> tuple[float, float]:
        changed = Setting(now.steps, now.units, now.scale, to, now.seed)
        other = through_time.reach(through_time.weights(changed, "lstm"), ways.task)
        return through_time.verdict(ways.lstm.c_norms).share, through_time.verdict(other.c_norms).share

    def answer() -> int:
        before, after = shares()
        return 0 if after >= 10 * before else 2 if after <= before / 10 else 1

    def explanation(_: bool) -> str:
        before, after = shares()
        return (
            f"With a forget bias of {now.forget_bias:g}, ∂loss/∂c before the first step is {_share(before)} at the last; with "
            f"{to:g} it is {_share(after)}. The gate opens from σ({now.forget_bias:g}) = {_open(now.forget_bias):.2f} to "
            f"σ({to:g}) = {_open(to):.2f}, and that factor counts {now.steps} times."
        )

    predict_then_reveal(
        "memory_bias",
        f"The forget bias goes from {now.forget_bias:g} to {to:g}. How much of the LSTM's ∂loss/∂c arrives at the first step then?",
        options,
        answer,
        explanation,
        about=now,
    )


def _open(bias: float) -> float:
    return float(through_time.cell.sigmoid(bias))


def norms_csv(ways: Ways) -> str:
    """The curves as a file, a row a time step."""
    columns = {
        "time step": range(ways.setting.steps + 1),
        "SimpleRNN norm of dloss/dh": ways.rnn.h_norms.tolist(),
        "LSTM norm of dloss/dh": ways.lstm.h_norms.tolist(),
        "LSTM norm of dloss/dc": ways.lstm.c_norms.tolist(),
    }
    return csv_text(columns)
