"""Exercises with weights: gates read in another order, and a forget gate without its bias. All computed at once, by the lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import streamlit as st

from lstm import Sequential
from lstm.cell import GATES
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.recurrent import LSTM
from ui.keras import charts
from ui.keras.models import Network, copy, examples, last_outputs
from ui.keras.run import kept, material
from ui.lesson import predict_then_reveal
from ui.plain import sentence

T = TypeVar("T")

ORDERS = {
    "i, f, c̃, o: Keras, PyTorch, the lab": "ifgo",
    "i, o, f, c̃: ONNX": "iofg",
    "i, c̃, f, o: TensorFlow 1": "igfo",
    "f, i, c̃, o: the order of a textbook": "figo",
}
"""In which order the four blocks of columns are taken for the gates."""
LITTLE, LOT = "Hardly: all the numbers are still there", "A lot: other gates get them"
NOT_HERE = "This network has no LSTM layer of its own to do that with."


def reordered(model: Sequential, order: str) -> Sequential:
    """A copy whose LSTM weights were read as if their columns stood in `order` instead of i, f, g, o."""
    other = copy(model)
    for layer in other.layers:
        if isinstance(layer, LSTM):
            layer.set_weights([_taken(weight, order) for weight in layer.get_weights()])
    return other


def _taken(weight: np.ndarray, order: str) -> np.ndarray:
    blocks = dict(zip(order, np.split(weight, 4, axis=-1)))
    return np.concatenate([blocks[gate] for gate in GATES], axis=-1)


def without_forget_bias(model: Sequential) -> Sequential:
    """A copy whose forget gates have 1 less of bias: what Keras calls unit_forget_bias=False."""
    other = copy(model)
    for layer in other.layers:
        if isinstance(layer, LSTM):
            kernel, recurrent, bias = layer.get_weights()
            shift = np.zeros_like(bias)
            shift[layer.units : 2 * layer.units] = 1.0
            layer.set_weights([kernel, recurrent, bias - shift])
    return other


def gate_order(shown: Network, config: KerasVsScratch) -> None:
    """Read the weights as if they stood in another order."""
    st.markdown(
        "**Read the gates in another order.** The four blocks of a kernel have no names in a file, only places."
    )
    name = st.selectbox(
        "The file's columns are taken for",
        list(ORDERS),
        index=1,
        key="keras_order",
        help="Nothing in the file says it: whoever reads it has to know.",
    )
    if not any(isinstance(layer, LSTM) for layer in shown.model.layers):
        st.info(NOT_HERE)
        return
    x, what, _ = _examples(shown, config)
    if x is None:
        return
    right, wrong = _once(
        shown,
        f"order {name}",
        config,
        lambda: (last_outputs(shown.model, x), last_outputs(reordered(shown.model, ORDERS[name]), x)),
    )
    worst = float(np.abs(right - wrong).max())
    count = min(right.shape[1], 30)
    guess = predict_then_reveal(
        "keras_order", "Do the outputs change?", (LITTLE, LOT), int(worst > 1e-6),
        f"The largest change of an output over {len(x)} {what} is {worst:.3g}." if worst > 1e-6
        else "This is the order they stand in: nothing changes, to the last bit." if ORDERS[name] == "ifgo"
        else f"The largest change of an output over {len(x)} {what} is {worst:.1g}: the gates of this network compute nearly the same.",
        about=(shown.key, repr(config), name),
    )  # fmt: skip
    if guess is None:
        return
    groups = {"read rightly": right[0, :count], f"read as {name.split(':')[0]}": wrong[0, :count]}
    charts.pairs(groups, [str(k) for k in range(count)], "output number", "value").show(
        "keras_order_outputs", "Bars: outputs for one example, with the gates in the right and in another order"
    )
    if right.shape[1] > 1:
        same = float(np.mean(right.argmax(axis=1) == wrong.argmax(axis=1)))
        st.caption(
            f"The strongest output is still the same for {same:.0%} of {len(x)} {what}. No error is raised: every shape fits."
        )
    else:
        st.caption(
            f"No error is raised: every shape fits. Mean change over {len(x)} {what}: {np.abs(right - wrong).mean():.3g}."
        )


def forget_bias(shown: Network, config: KerasVsScratch) -> None:
    """Take 1 off the forget gate's bias."""
    st.markdown(
        "**Leave out the forget bias.** Keras and the lab begin with 1 there; unit_forget_bias=False begins with 0."
    )
    if not any(isinstance(layer, LSTM) for layer in shown.model.layers):
        st.info(NOT_HERE)
        return
    x, what, of_task = _examples(shown, config)
    if x is None:
        return
    lower = lambda: without_forget_bias(shown.model)  # noqa: E731
    with_it, without = _once(
        shown, "left", config, lambda: (left_of_memory(shown.model, x), left_of_memory(lower(), x))
    )
    charts.left_of_memory({"as it is": with_it, "1 taken off the forget bias": without}).show(
        "keras_forgetting", "Lines on a logarithmic axis: share of the first cell state left after each time step"
    )
    steps = len(with_it)
    text = (
        f"The product of the forget gates, mean over {what}. After {steps} time steps {_share(with_it[-1])} of what the cells "
        f"held at first is left; with the bias lower by 1, {_share(without[-1])}."
    )
    if of_task:
        losses = _once(shown, "losses", config, lambda: [_loss(one, x, config) for one in (shown.model, lower())])
        text += f" The loss on them: {losses[0]:.4f} → {losses[1]:.4f}."
    st.caption(text + " What is forgotten sends no gradient back along the cell state either.")


def _once(shown: Network, what: str, config: KerasVsScratch, make: Callable[[], T]) -> T:
    """What is computed of the network as both begin, kept; of another it is computed every time."""
    return kept(what, config, make) if shown.key == "fresh" else make()


def _loss(model: Sequential, x: np.ndarray, config: KerasVsScratch) -> float:
    """A network's loss on the task's first examples."""
    data, one = material(config.task), copy(model)
    one.compile("sgd", data.loss)
    return one.gradients(x, data.y[: len(x)])[0]


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 1e-3 else f"{share:.0e}"


def left_of_memory(model: Sequential, x: np.ndarray) -> np.ndarray:
    """f₁·f₂·…·f_t of the first LSTM layer after each time step, mean over units and the examples that are not padding there."""
    forget = next(one["f"] for one in model.trace(x) if "f" in one).astype(np.float64)  # (examples, time, units)
    reads = (x if getattr(model.layers[0], "mask_zero", False) else np.ones(x.shape[:2])) != 0
    last = int(reads.any(axis=0).sum())
    left, reads = np.cumprod(forget, axis=1)[:, :last].mean(axis=2), reads[:, :last]
    return (left * reads).sum(axis=0) / reads.sum(axis=0)


def _examples(shown: Network, config: KerasVsScratch) -> tuple[np.ndarray | None, str, bool]:
    try:
        x, what, of_task = examples(shown.model, config)
        return x, what if of_task else "made-up example", of_task
    except ValueError as problem:
        st.warning(sentence(problem))
        return None, "", False
