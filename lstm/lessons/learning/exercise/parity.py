"""A reader's own cell learns whether a number of ones is odd: the lab's trainer around somebody else's time step."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from lstm import losses
from lstm.lessons.learning.network import Weights
from lstm.lessons.learning.setting import PRESETS, Setting
from lstm.lessons.learning.training import Training

STEPS = 200
TASK = "Odd or even"


def gradient(module: ModuleType, weights: Weights, setting: Setting) -> tuple[float, np.ndarray, Weights]:
    """Loss, predictions (examples, 1) and gradients, with the time steps that `module` computes."""
    xs, zeros = np.swapaxes(setting.x, 0, 1), np.zeros((len(setting.sequences), setting.units))
    arrays = weights.kernel, weights.recurrent_kernel
    h, c, steps = zeros, zeros, []
    for x in xs:
        steps.append((x, h, c, module.forward(x, h, c, *arrays, weights.bias)))
        h, c = steps[-1][3]["h"], steps[-1][3]["c"]
    prediction = h @ weights.output_kernel + weights.output_bias
    loss, slope = losses.mse(prediction.copy(), setting.y)
    total = [np.zeros_like(a) for a in (*arrays, weights.bias)]
    dh, dc = slope @ weights.output_kernel.T, zeros
    for x, h_prev, c_prev, step in reversed(steps):
        back = module.backward(step, dh, dc, x, h_prev, c_prev, *arrays)
        for sum_so_far, name in zip(total, ("dkernel", "drecurrent_kernel", "dbias"), strict=True):
            sum_so_far += back[name]
        dh, dc = back["dh_prev"], back["dc_prev"]
    return loss, prediction, Weights(*[*total, h.T @ slope, slope.sum(axis=0)])


def train(module: ModuleType) -> dict[str, Any]:
    """Train for `STEPS` steps: the losses, the answers to all eight sequences, and the loss of the lab's own cell."""
    setting = PRESETS[TASK]
    weights = setting.first_weights()
    vector = weights.flat()
    weights = weights.like(vector)
    optimizer, found = setting.make_optimizer(), []
    for _ in range(STEPS):
        loss, _, slope = gradient(module, weights, setting)
        found.append(loss)
        flat = slope.flat()
        optimizer.apply(vector, flat, [flat])
    loss, prediction, _ = gradient(module, weights, setting)
    ours = Training(setting)
    ours.reach(STEPS)
    return {
        "losses": [*found, loss],
        "answers": prediction[:, 0].tolist(),
        "ours": ours.losses[STEPS],
    }


def table(trained: dict[str, Any]) -> list[str]:
    """What came of it, as lines."""
    setting = PRESETS[TASK]
    losses_shown = ", ".join(f"{trained['losses'][k]:.4f}" for k in range(0, STEPS + 1, 50))
    lines = [f"Your cell learns: is the number of ones odd? Loss at steps 0, 50, …, {STEPS}: {losses_shown}"]
    for sequence, target, answer in zip(setting.sequences, setting.targets, trained["answers"], strict=True):
        bits = " ".join(f"{x:g}" for (x,) in sequence)
        lines.append(f"  {bits}   {'odd ' if target else 'even'}   your network says {answer:.3f}")
    lines.append(f"The lab's own cell ends at {trained['ours']:.4f}, yours at {trained['losses'][-1]:.4f}.")
    return lines
