"""Gradients through time: equal to finite differences, by hand in the smallest case, and what clipping makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import LSTM, Sequential, SimpleRNN, cell
from lstm.lessons.memory.through_time import (
    Distance,
    Setting,
    Weights,
    clip_step,
    problem,
    reach,
    rnn_unroll,
    sentence,
    verdict,
    weights,
)

SETTING = Setting(steps=30, units=5, seed=3)
DISTANCES = (1, 12, 29)
EPSILON = 1e-5
ROUNDING = 5e-10
"""What the last bit of a loss around 1 becomes, divided by 2ε."""


def central_difference(loss, state):
    """∂loss/∂state, one element at a time: (loss(s + ε) − loss(s − ε)) / 2ε."""
    found = np.zeros_like(state)
    for k in np.ndindex(state.shape):
        up, down = state.copy(), state.copy()
        up[k] += EPSILON
        down[k] -= EPSILON
        found[k] = (loss(up) - loss(down)) / (2 * EPSILON)
    return found


def close(analytic, numeric):
    """As close as central differences can tell."""
    return np.linalg.norm(analytic - numeric) <= 1e-5 * np.linalg.norm(numeric) + ROUNDING


def rest_of_rnn(given, task, t, h):
    """The loss when the hidden state after step `t` is `h`."""
    for x in task.x[t:]:
        h = np.tanh(x @ given.kernel + h @ given.recurrent_kernel + given.bias)
    return task.loss(h)


def rest_of_lstm(given, task, t, h, c):
    steps = cell.unroll(task.x[t:], given.kernel, given.recurrent_kernel, given.bias, h, c)
    return task.loss(steps[-1].h if steps else h)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("scale", [0.9, 1.8])
def test_the_curves_are_what_finite_differences_of_the_loss_give(distance, scale):
    setting = Setting(steps=30, units=5, scale=scale, seed=3)
    task, t = problem(setting), setting.steps - distance

    rnn = reach(weights(setting, "rnn"), task)
    hs = rnn_unroll(rnn.weights, task.x)
    by_h = central_difference(lambda h: rest_of_rnn(rnn.weights, task, t, h), hs[t])
    assert rnn.h_norms[t] == pytest.approx(np.linalg.norm(by_h), rel=1e-5)
    assert close(rnn.dh[t], by_h)

    lstm = reach(weights(setting, "lstm"), task)
    given = lstm.weights
    step = cell.unroll(task.x, given.kernel, given.recurrent_kernel, given.bias)[t - 1]
    by_h = central_difference(lambda h: rest_of_lstm(given, task, t, h, step.c), step.h)
    # c reaches the loss through the next cell state and through h = o tanh(c)
    by_c = central_difference(lambda c: rest_of_lstm(given, task, t, step.o * np.tanh(c), c), step.c)
    assert lstm.h_norms[t] == pytest.approx(np.linalg.norm(by_h), rel=1e-5)
    assert lstm.c_norms[t] == pytest.approx(np.linalg.norm(by_c), rel=1e-5)
    assert close(lstm.dh[t], by_h)
    assert close(lstm.dc[t], by_c)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_at_both_ends(kind):
    task = problem(SETTING)
    found = reach(weights(SETTING, kind), task)
    last = (
        rnn_unroll(found.weights, task.x)[-1]
        if kind == "rnn"
        else cell.unroll(task.x, *vars(found.weights).values())[-1].h
    )
    assert np.allclose(found.dh[-1], (last - task.target) / len(task.target))
    assert found.loss == pytest.approx(0.5 * np.mean(np.sum((last - task.target) ** 2, axis=1)))
    assert found.h_norms.shape == (SETTING.steps + 1,) and found.gate.shape == (SETTING.steps,)
    assert np.prod(found.factors) == pytest.approx(found.state_norms[0] / found.state_norms[-1])
    if kind == "lstm":
        zeros = np.zeros_like(last)
        first = central_difference(lambda c: rest_of_lstm(found.weights, task, 0, zeros, c), zeros)
        assert close(found.dc[0], first)


@pytest.mark.parametrize(("kind", "layer"), [("rnn", SimpleRNN), ("lstm", LSTM)])
def test_the_gradient_of_the_weights_is_that_of_the_layer(kind, layer):
    task = problem(SETTING)
    found = reach(weights(SETTING, kind), task)
    model = Sequential([layer(SETTING.units)], dtype="float64")
    model.compile("sgd", "mse")  # the mean over sequences and units, without the ½
    model.build((None, None, task.x.shape[-1]))
    model.set_weights(list(vars(found.weights).values()))
    loss, gradients = model.gradients(np.moveaxis(task.x, 0, 1), task.target)
    share = SETTING.units / 2
    assert loss * share == pytest.approx(found.loss)
    for ours, theirs in zip(vars(found.gradient).values(), gradients, strict=True):
        assert np.allclose(ours, theirs * share, rtol=1e-9, atol=1e-15)


def test_one_unit_by_hand():
    # h1 = tanh(0.5·1) = 0.46212, h2 = tanh(0.5·0 + 0.8·0.46212) = 0.35372; target 0, so ∂loss/∂h2 = 0.35372
    # ∂loss/∂h1 = 0.35372 · (1 − 0.35372²) · 0.8 = 0.24757
    given = Weights(np.array([[0.5]]), np.array([[0.8]]), np.zeros(1))
    found = reach(given, Distance(np.array([[[1.0]], [[0.0]]]), np.zeros((1, 1))))
    assert found.h_norms[1:] == pytest.approx([0.24757, 0.35372], abs=1e-5)


def test_verdicts():
    says = [verdict(np.array(norms)) for norms in ([1e-6, 1e-3, 1.0], [1e4, 1e2, 1.0], [0.25, 0.5, 1.0], [0.0, 0.0])]
    assert [one.says for one in says] == ["vanishes", "explodes", "reaches back", "vanishes"]
    assert [one.after for one in says] == [1, 2, None, 0]
    assert says[2].per_step == pytest.approx(0.5) and says[2].share == 0.25


def test_what_the_forget_bias_does_and_what_the_scale_does():
    def share(kind, **changes):
        setting = Setting(**changes)
        return verdict(reach(weights(setting, kind), problem(setting)).state_norms)

    assert share("rnn").says == "vanishes"
    assert share("rnn", scale=3.0).says == "explodes"
    shares = [share("lstm", forget_bias=bias).share for bias in (0.0, 1.0, 3.0)]
    assert shares[0] < 1e-6 < shares[1] < shares[2]


def test_clipping_by_norm():
    setting = Setting(scale=3.0)
    task = problem(setting)
    found = reach(weights(setting, "rnn"), task)
    step = clip_step(found, task, limit=1.0, learning_rate=0.1)
    assert step.norm == pytest.approx(found.gradient.norm) and step.norm > 1e3
    assert step.factor == pytest.approx(1 / step.norm)
    moved = found.weights.moved(found.gradient, -0.1 / step.norm)
    assert moved.moved(found.weights, -1).norm == pytest.approx(0.1)  # the update is exactly as long as allowed
    assert step.clipped == pytest.approx(task.loss(rnn_unroll(moved, task.x)[-1]))
    assert step.before == found.loss
    small = clip_step(found, task, limit=2 * step.norm, learning_rate=1e-9)
    assert small.factor == 1.0 and small.raw == small.clipped


def test_a_sentence():
    words = ["the", "colour", "of", "the", "sky", "is"]
    task = sentence(SETTING, words, "blue")
    assert task.x.shape == (6, 1, 8) and np.array_equal(task.x[0], task.x[3])
    found = reach(weights(SETTING, "lstm", features=8), task)
    assert 1.0 < found.loss < 3.0  # untaught, it gives each of the six words about a sixth
    given = found.weights
    step = cell.unroll(task.x, given.kernel, given.recurrent_kernel, given.bias)[2]
    by_h = central_difference(lambda h: rest_of_lstm(given, task, 3, h, step.c), step.h)
    assert close(found.dh[3], by_h)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 0}, "steps must be a positive integer, got 0"),
        ({"steps": 201}, "steps must be at most 200, got 201"),
        ({"units": 65}, "units must be at most 64, got 65"),
        ({"units": 2.5}, "units must be a positive integer, got 2.5"),
        ({"scale": -1}, "scale must be a number from 0 to 10, got -1"),
        ({"forget_bias": float("nan")}, "forget_bias must be a number from -10 to 10, got nan"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
    ],
)
def test_what_cannot_be_is_refused(settings, said):
    with pytest.raises(ValueError) as caught:
        Setting(**settings)
    assert str(caught.value) == said


def test_a_scale_of_zero_cuts_everything_off():
    setting = Setting(scale=0.0)
    found = reach(weights(setting, "rnn"), problem(setting))
    assert verdict(found.h_norms).says == "vanishes" and found.h_norms[-2] == 0
    assert np.isfinite(found.factors).all()


@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_the_way_along_the_forget_gates_is_their_product_and_all_there_is_where_no_gate_looks_at_h(scale):
    setting = Setting(steps=30, units=5, scale=scale, seed=3)
    task, given = problem(setting), weights(setting, "lstm")
    found = reach(given, task)
    steps = cell.unroll(task.x, given.kernel, given.recurrent_kernel, given.bias)
    product = np.prod([step.f for step in steps], axis=0)
    np.testing.assert_allclose(found.along_f[0], found.dc[-1] * product, rtol=1e-12)
    assert (found.along_f_norms[:-1] < found.along_f_norms[-1]).all()  # a gate is below 1
    kept, rest = found.step_norms
    if scale == 0:
        np.testing.assert_allclose(found.along_f, found.dc, rtol=1e-9)
        assert (rest[:-1] <= 1e-12 * kept[:-1]).all()
    else:
        assert found.other_norms[0] > found.along_f_norms[0]
    assert rest[0] == 0  # before the first step there is no h that depends on c
