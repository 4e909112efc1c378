"""Gradients through time: two fresh networks, how far back their gradients reach, and what clipping does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm.lessons.memory import through_time
from lstm.lessons.memory.through_time import Clipping, Reach, Setting, Verdict
from ui.controls import Controls
from ui.lesson import csv_text, predict_then_reveal
from ui.memory import charts
from ui.numbers import latex_number, scientific
from ui.plain import sentence

reach_controls = Controls(
    "reach", {"steps": 50, "units": 16, "scale": 1.0, "bias": 1.0, "seed": 0, "limit": 1.0, "rate": 0.1, "at": 25}
)
NEARLY_ALL = 0.9
"""From this share on, of two lengths that add up, one is called nearly all."""


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
    with right.container(key="first_on_a_phone_reach"):
        charts.way_back(
            ways.rnn.h_norms, ways.lstm.h_norms, ways.lstm.c_norms, ways.lstm.along_f_norms, height=320
        ).show(
            "memory_way_back",
            "Lines on a logarithmic axis: how large the gradient still is at every earlier step, and what of it came along the "
            "forget gates alone",
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
    st.header("A product of factors", anchor=False)
    left, right = st.columns([8, 5], gap="medium")
    with left:
        place = st.container()
    rnn, lstm = ways.rnn.factors, ways.lstm.factors
    with right:
        st.markdown(
            "The curves above are products of these factors. In a SimpleRNN each holds the slope $1 - h^2$, here "
            f"{ways.rnn.gate.mean():.3f} on average, and the kernel $U$. {paths_in_words(ways.lstm)}"
        )
        at = _step_pointed_at(ways.setting.steps)
        st.latex(step_in_numbers(ways.lstm, at))
        st.caption(step_in_words(ways.lstm, at))
    with place:
        charts.factors(rnn, lstm, _step_factors(ways.lstm), at).show(
            "memory_factors",
            "Lines: the factor by which each step back multiplies the length of the gradient, and the LSTM's two ways",
        )
    for column, found, state in zip(st.columns(2, gap="medium"), (rnn, lstm), "hc", strict=True):
        with column:
            st.latex(_as_product(found, state))


def paths_in_words(lstm: Reach) -> str:
    """Which way the gradient has come to the first step: along the forget gates alone, or through h and the gates. Markdown."""
    last = float(lstm.c_norms[-1])
    found = through_time.verdict(lstm.c_norms)
    said = [
        "In an LSTM each step back has two ways: along the cell state it is multiplied by the forget gate $f$, here "
        f"{lstm.gate.mean():.3f} on average; the other way leads through $h$ and the gates."
    ]
    if found.share == 0:
        return f"{said[0]} By neither does anything arrive."
    along, other = float(lstm.along_f_norms[0]) / last, float(lstm.other_norms[0]) / last
    said.append(
        f"Together they multiply it by {found.per_step:.3f}, on average. Along the forget gates alone the first step would get "
        f"**{_of_the_last(along)}**; by both ways it gets **{_of_the_last(found.share)}**."
    )
    if other <= 1e-9 * along:
        said.append("There is no other way here: no gate looks at $h$.")
    elif along > found.share:
        said.append("The two ways partly cancel each other.")
    else:
        most = "through $h$ and the gates" if other > along else "along the forget gates"
        nearly = max(along, other) > NEARLY_ALL * (along + other)
        said.append(f"{'Nearly all' if nearly else 'More than half'} of what arrives has gone {most}.")
    if above := int((lstm.factors > 1).sum()):
        said.append(
            f"At {above} of {len(lstm.factors)} steps the factor is above 1. No gate can do that, for each is below 1: it comes "
            "through $h$ and the gates."
        )
    return " ".join(said)


def _of_the_last(share: float) -> str:
    if share >= 1:
        return f"{share:,.3g} times that of the last step" if share < 1e6 else f"{scientific(share)} times that of the last step"
    return f"{share:.1%} of the last step's" if share >= 1e-3 else f"{scientific(share)} of the last step's" if share else "nothing"


def _step_pointed_at(steps: int) -> int:
    """One step back, from t to t − 1: the reader chooses t."""
    if not 1 <= reach_controls["at"] <= steps:
        reach_controls.put("at", steps)
    return int(
        reach_controls.slider("at", "Point at the step back from t =", 1, steps, 1, help="Marked in the chart; both ways in numbers.")
    )


def _step_factors(lstm: Reach) -> tuple[np.ndarray, np.ndarray]:
    """By how much each of the two ways alone would have stretched the gradient in one step back, (time,) each."""
    after = lstm.c_norms[1:]
    return tuple(np.divide(part, after, out=np.zeros(len(after)), where=after > 0) for part in lstm.step_norms)


def step_in_numbers(lstm: Reach, t: int) -> str:
    """The step back from t to t − 1: what each way brings and what they add up to. LaTeX."""
    kept, rest = (float(part[t - 1]) for part in lstm.step_norms)
    return (
        rf"\footnotesize\begin{{aligned}}\lVert\partial L/\partial c_{{{t}}}\rVert &= {latex_number(float(lstm.c_norms[t]))} \\ "
        rf"\text{{along }} f_{{{t}}}&: {latex_number(kept)} \\ \text{{through }} h_{{{t - 1}}}&: {latex_number(rest)} \\ "
        rf"\lVert\partial L/\partial c_{{{t - 1}}}\rVert &= {latex_number(float(lstm.c_norms[t - 1]))}\end{{aligned}}"
    )


def step_in_words(lstm: Reach, t: int) -> str:
    """Which of the two ways brought more in the step back from t to t − 1."""
    kept, rest = (float(part[t - 1]) for part in lstm.step_norms)
    if kept == rest == 0:
        return "Nothing is left to go back."
    if rest <= 1e-9 * kept:
        why = "h₀ is not made from c₀" if t == 1 else "no gate looks at h"
        return f"Only the forget gate brings something: {why}."
    more = "the forget gate" if kept > rest else "h and the gates"
    return (
        f"In this step {more} brought more. Both are vectors: their lengths add up where they point the same way, and cancel where "
        "they do not."
    )


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
    st.header("What clipping does to the update", anchor=False)
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
                "one step of training": [
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
        st.markdown(clipping_in_words(steps, limit))
        st.caption(
            "The gradient of all weights as one vector. Clipping by norm is there for the rare huge gradient, whose update would "
            "throw the weights far away. Against vanishing it does nothing: what is short already stays as it is."
        )


def clipping_in_words(steps: Mapping[str, Clipping], limit: float) -> str:
    """For each network whether there was anything to clip, and whether it was for the better. Markdown."""
    return "\n".join(f"- **{name}**: {_clipped(step, limit)}" for name, step in steps.items())


def _clipped(step: Clipping, limit: float) -> str:
    if step.factor >= 1:
        return f"nothing to clip, its gradient is not longer than {limit:g}."
    shorter = f"clipping makes the step {_times(1 / step.factor)} shorter"
    if f"{step.clipped:.3f}" == f"{step.raw:.3f}":
        return f"{shorter}, and the loss ends at {step.clipped:.3f} either way."
    if step.clipped > step.raw:
        better = "would have lowered the loss" if step.raw < step.before else "would not have been the worse one"
        return (
            f"{shorter}, and the loss ends at {step.clipped:.3f} instead of {step.raw:.3f}. That is to be expected where nothing "
            f"explodes: the whole step {better}. Clipping costs a little on most steps to be saved on a few."
        )
    if step.raw > step.before:
        return (
            f"{shorter}. The whole step would have raised the loss from {step.before:.3f} to {step.raw:.3f}; clipped, it ends at "
            f"{step.clipped:.3f}."
        )
    return f"{shorter}, and the loss ends at {step.clipped:.3f} instead of {step.raw:.3f}: the shorter step is the better one."


def _times(ratio: float) -> str:
    return f"{ratio:,.1f} times" if ratio < 1e6 else f"{scientific(ratio)} times"


def _question(ways: Ways) -> None:
    st.header("Predict, then reveal", anchor=False)
    now = ways.setting
    to = 3.0 if now.forget_bias != 3.0 else 0.0
    options = ["Ten times as much or more", "Between a tenth and ten times as much", "A tenth or less"]

    def changed() -> Reach:
        other = Setting(now.steps, now.units, now.scale, to, now.seed)
        return through_time.reach(through_time.weights(other, "lstm"), ways.task)

    def answer() -> int:
        before, after = (through_time.verdict(one.c_norms).share for one in (ways.lstm, changed()))
        return 0 if after >= 10 * before else 2 if after <= before / 10 else 1

    predict_then_reveal(
        "memory_bias",
        f"The forget bias goes from {now.forget_bias:g} to {to:g}. How much of the LSTM's ∂loss/∂c arrives at the first step then?",
        options,
        answer,
        lambda _: bias_in_words(now.forget_bias, ways.lstm, to, changed()),
        about=now,
    )


def bias_in_words(bias: float, before: Reach, to: float, after: Reach) -> str:
    """What another forget bias does to what arrives, by both ways and along the forget gates alone."""
    whole, along = (
        [float(norms(one)[0] / one.c_norms[-1]) if one.c_norms[-1] > 0 else 0.0 for one in (before, after)]
        for norms in (lambda one: one.c_norms, lambda one: one.along_f_norms)
    )
    said = [
        f"With a forget bias of {bias:g} the first step gets {_of_the_last(whole[0])}; with {to:g}, {_of_the_last(whole[1])}. "
        f"The gate {'opens' if to > bias else 'closes'} from σ({bias:g}) = {_open(bias):.2f} to σ({to:g}) = {_open(to):.2f}. "
        f"Along the forget gates alone it would be {_of_the_last(along[0])}, then {_of_the_last(along[1])}."
    ]
    if whole[1] > 1:
        said.append("More than the last step had cannot come along a gate, which is below 1: it comes through h and the gates.")
    elif after.other_norms[0] > after.along_f_norms[0]:
        said.append("More of what arrives then has gone through h and the gates than along the forget gates.")
    elif whole[1] > 0:
        said.append("More of what arrives then has come along the forget gates than through h and the gates.")
    return " ".join(said)


def _open(bias: float) -> float:
    return float(through_time.cell.sigmoid(bias))


def norms_csv(ways: Ways) -> str:
    """The curves as a file, a row a time step."""
    columns = {
        "time step": range(ways.setting.steps + 1),
        "SimpleRNN norm of dloss/dh": ways.rnn.h_norms.tolist(),
        "LSTM norm of dloss/dh": ways.lstm.h_norms.tolist(),
        "LSTM norm of dloss/dc": ways.lstm.c_norms.tolist(),
        "of that along the forget gates alone": ways.lstm.along_f_norms.tolist(),
    }
    return csv_text(columns)
