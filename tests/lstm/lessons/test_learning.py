"""The step-by-step trainer: one step worked out by hand, and everything else against the fast path and differences."""

from __future__ import annotations

from dataclasses import replace
from math import exp, tanh

import numpy as np
import pytest

from lstm import LSTM, SGD, Adam, Dense, RMSprop, Sequential
from lstm.lessons.learning import network
from lstm.lessons.learning.landscape import around, landscape
from lstm.lessons.learning.network import SYMBOLS, Place
from lstm.lessons.learning.setting import (
    OPTIMIZERS,
    PRESETS,
    Setting,
    read_sequences,
    read_targets,
    write_sequences,
    write_targets,
)
from lstm.lessons.learning.training import MAX_STEPS, Training

TASKS = ("Remember the first number", "Add the two marked numbers", "Odd or even")


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


def four(*values: float) -> object:
    """To the four decimals that stand in the example."""
    return pytest.approx(list(values) if len(values) > 1 else values[0], abs=5e-5)


def test_one_unit_and_two_steps_by_hand() -> None:
    """x = 1, 0.5 and the target 1; every number below can be checked with a pocket calculator."""
    moment = Training(PRESETS["With a pencil"]).moment(0)
    weights = moment.weights
    assert weights.kernel.tolist() == [[0.27, 0.87, 0.6, -0.6]]  # i, f, g, o
    assert weights.recurrent_kernel.tolist() == [[-0.26, -0.57, 0.03, 0.78]]
    assert weights.bias.tolist() == [0, 1, 0, 0]
    assert (weights.output_kernel.item(), weights.output_bias.item()) == (1.03, 0)

    # Step 1, from h₀ = c₀ = 0: z is W · 1 + b
    i1, f1, g1, o1 = sigmoid(0.27), sigmoid(0.87 + 1), tanh(0.6), sigmoid(-0.6)
    assert [i1, f1, g1, o1] == four(0.5671, 0.8665, 0.5370, 0.3543)
    c1 = i1 * g1  # f₁ · 0 + 0.5671 · 0.5370
    h1 = o1 * tanh(c1)  # 0.3543 · tanh 0.3046 = 0.3543 · 0.2955
    assert [c1, tanh(c1), h1] == four(0.3046, 0.2955, 0.1047)
    # Step 2: z is W · 0.5 + U · 0.1047 + b
    z2 = [0.27 * 0.5 - 0.26 * h1, 0.87 * 0.5 - 0.57 * h1 + 1, 0.6 * 0.5 + 0.03 * h1, -0.6 * 0.5 + 0.78 * h1]
    assert z2 == four(0.1078, 1.3753, 0.3031, -0.2183)
    i2, f2, g2, o2 = sigmoid(z2[0]), sigmoid(z2[1]), tanh(z2[2]), sigmoid(z2[3])
    assert [i2, f2, g2, o2] == four(0.5269, 0.7982, 0.2942, 0.4456)
    c2 = f2 * c1 + i2 * g2  # 0.7982 · 0.3046 + 0.5269 · 0.2942
    h2 = o2 * tanh(c2)
    assert [c2, tanh(c2), h2] == four(0.3981, 0.3783, 0.1686)
    prediction = 1.03 * h2
    loss = (prediction - 1) ** 2
    assert [prediction, loss] == four(0.1737, 0.6828)
    for step, values in zip(moment.passed.steps, ([i1, f1, g1, o1, c1, h1], [i2, f2, g2, o2, c2, h2]), strict=True):
        assert [getattr(step, name).item() for name in ("i", "f", "g", "o", "c", "h")] == pytest.approx(
            values, abs=1e-14
        )
    assert (moment.passed.prediction.item(), moment.loss.value) == pytest.approx((prediction, loss), abs=1e-14)

    # Backward. The prediction: ∂loss/∂prediction = 2 (0.1737 − 1), and V = 1.03 hands it to h₂
    dp = 2 * (prediction - 1)
    dh2 = 1.03 * dp
    assert [dp, dh2] == four(-1.6527, -1.7023)
    # Step 2: to o directly, to c₂ through tanh; nothing comes from a later step
    do2, dc2 = dh2 * tanh(c2), dh2 * o2 * (1 - tanh(c2) ** 2)
    di2, df2, dg2 = dc2 * g2, dc2 * c1, dc2 * i2
    assert [di2, df2, dg2, do2, dc2] == four(-0.1912, -0.1980, -0.3425, -0.6440, -0.6500)
    dz2 = [di2 * i2 * (1 - i2), df2 * f2 * (1 - f2), dg2 * (1 - g2**2), do2 * o2 * (1 - o2)]
    assert dz2 == four(-0.0477, -0.0319, -0.3129, -0.1591)
    # Step 1: to c₁ straight through f₂, to h₁ through the four gates of step 2, each by its weight U
    straight = dc2 * f2
    through = [-0.26 * dz2[0], -0.57 * dz2[1], 0.03 * dz2[2], 0.78 * dz2[3]]
    assert [straight, *through] == four(-0.5189, 0.0124, 0.0182, -0.0094, -0.1241)
    dh1 = sum(through)
    through_h = dh1 * o1 * (1 - tanh(c1) ** 2)
    dc1 = straight + through_h
    assert [dh1, through_h, dc1] == four(-0.1029, -0.0333, -0.5521)
    di1, df1, dg1, do1 = dc1 * g1, 0.0, dc1 * i1, dh1 * tanh(c1)  # ∂f₁ = dc₁ · c₀, and c₀ is 0
    dz1 = [di1 * i1 * (1 - i1), 0.0, dg1 * (1 - g1**2), do1 * o1 * (1 - o1)]
    assert [di1, df1, dg1, do1, *dz1] == four(-0.2965, 0, -0.3131, -0.0304, -0.0728, 0, -0.2228, -0.0070)
    first, second = moment.back.steps
    for arrived, values in ((first, [dh1, straight, through_h, dc1, *dz1]), (second, [dh2, 0, dc2, dc2, *dz2])):
        found = [arrived.h, arrived.c_straight, arrived.c_through_h, arrived.c]
        assert [*(a.item() for a in found), *arrived.inside.z[0]] == pytest.approx(values, abs=1e-14)
    assert [first.h_through[gate].item() for gate in "ifgo"] == pytest.approx(through, abs=1e-14)

    # Every weight is used at both steps, so its gradient is a sum of two: input of the weight times ∂z
    dW = [1.0 * a + 0.5 * b for a, b in zip(dz1, dz2)]
    dU = [0.0 * a + h1 * b for a, b in zip(dz1, dz2)]
    db = [a + b for a, b in zip(dz1, dz2)]
    assert dW == four(-0.0966, -0.0159, -0.3792, -0.0865)
    assert dU == four(-0.0050, -0.0033, -0.0328, -0.0167)
    assert db == four(-0.1205, -0.0319, -0.5357, -0.1661)
    dV, dd = h2 * dp, dp
    assert [dV, dd] == four(-0.2786, -1.6527)
    gradient = moment.back.gradient
    np.testing.assert_allclose(gradient.flat(), [*dW, *dU, *db, dV, dd], atol=1e-14)

    # One SGD update with a learning rate of 0.5: w ← w − 0.5 · gradient
    new = [0.3183, 0.8780, 0.7896, -0.5567, -0.2575, -0.5683, 0.0464, 0.7883,
           0.0602, 1.0159, 0.2678, 0.0830, 1.1693, 0.8263]  # fmt: skip
    assert moment.after.flat().tolist() == four(*new)
    np.testing.assert_allclose(moment.after.flat(), weights.flat() - 0.5 * gradient.flat(), atol=1e-15)


def fast(setting: Setting, weights: network.Weights) -> Sequential:
    """The lab's own network with these weights, in float64."""
    model = Sequential([LSTM(setting.units), Dense(1)], dtype="float64")
    model.compile(SGD(0.1), "mse")
    model.build((None, setting.time, setting.features))
    model.set_weights(list(vars(weights).values()))
    return model


@pytest.mark.parametrize("step", [0, 17])
@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("name", PRESETS)
def test_gradients_are_those_of_the_fast_path(name: str, units: int, step: int) -> None:
    setting = replace(PRESETS[name], units=units)
    moment = Training(setting).moment(step)
    model = fast(setting, moment.weights)
    loss = model.loss_and_gradient(setting.x, setting.y)["loss"]
    assert moment.loss.value == pytest.approx(loss, abs=1e-12)
    for layer in model.layers:
        for found, expected in zip(layer.get_gradients(), layer_arrays(moment.back.gradient, layer), strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def layer_arrays(weights: network.Weights, layer: object) -> list[np.ndarray]:
    arrays = list(vars(weights).values())
    return arrays[:3] if isinstance(layer, LSTM) else arrays[3:]


@pytest.mark.parametrize("name", PRESETS)
def test_every_gradient_agrees_with_its_central_difference(name: str) -> None:
    setting = replace(PRESETS[name], units=2)
    moment = Training(setting).moment(5)
    for place in moment.weights.places():
        checked = network.nudge(place, moment.weights, moment.back.gradient, setting.x, setting.y)
        assert checked.agrees, (str(place), checked.numeric, checked.analytic)
        assert checked.numeric == pytest.approx(checked.analytic, rel=1e-6, abs=1e-9)


def test_a_wrong_gradient_does_not_agree() -> None:
    setting = PRESETS["Odd or even"]
    moment = Training(setting).moment(0)
    wrong = moment.back.gradient.like(moment.back.gradient.flat() * 1.001)
    judged = [network.nudge(p, moment.weights, wrong, setting.x, setting.y) for p in moment.weights.places()]
    assert all(not one.agrees for one in judged if abs(one.analytic) > 1e-5)


@pytest.mark.parametrize("name", TASKS)
def test_the_parts_of_a_gradient_add_up(name: str) -> None:
    setting = PRESETS[name]
    moment = Training(setting).moment(3)
    for t, arrived in enumerate(moment.back.steps):
        step = moment.passed.steps[t]
        np.testing.assert_allclose(arrived.h_from_prediction + sum(arrived.h_through.values()), arrived.h, atol=1e-16)
        np.testing.assert_allclose(arrived.c_straight + arrived.c_through_h, arrived.c, atol=1e-16)
        np.testing.assert_allclose(arrived.c_through_h, arrived.h * step.o * (1 - step.tanh_c**2), atol=1e-15)
        if t + 1 < len(moment.back.steps):
            after = moment.back.steps[t + 1]
            np.testing.assert_array_equal(arrived.c_straight, after.c * moment.passed.steps[t + 1].f)
            np.testing.assert_allclose(sum(arrived.h_through.values()), after.inside.h_prev, atol=1e-15)
            assert not arrived.h_from_prediction.any()
        else:
            assert not arrived.c_straight.any() and not sum(arrived.h_through.values()).any()
    for place in moment.weights.places():
        parts = network.shares(place, moment.passed, moment.back, moment.loss.slope)
        assert parts.shape == (setting.time, len(setting.sequences))
        assert parts.sum() == pytest.approx(moment.back.gradient.at(place), abs=1e-14)


def test_the_ways_back_are_what_a_change_there_would_do() -> None:
    """∂loss/∂c by both ways together: push c of one step alone and see the loss."""
    setting = PRESETS["Remember the first number"]
    moment = Training(setting).moment(2)
    w, steps = moment.weights, moment.passed.steps
    for t in range(setting.time):
        for unit in range(setting.units):
            found = []
            for push in (-1e-5, 1e-5):
                c = steps[t].c.copy()
                c[0, unit] += push
                h = steps[t].o * np.tanh(c)
                for later in steps[t + 1 :]:
                    now = network.cell.forward(later.x, h, c, w.kernel, w.recurrent_kernel, w.bias)
                    h, c = now.h, now.c
                found.append(network.compare(h @ w.output_kernel + w.output_bias, setting.y).value)
            assert (found[1] - found[0]) / 2e-5 == pytest.approx(moment.back.steps[t].c[0, unit], rel=1e-6, abs=1e-10)


@pytest.mark.parametrize("name", TASKS)
def test_the_loss_falls_by_nine_tenths_within_200_steps(name: str) -> None:
    setting = PRESETS[name]
    assert setting == replace(Setting(setting.sequences, setting.targets))  # with the defaults
    training = Training(setting)
    training.reach(200)
    assert min(training.losses) == pytest.approx(min(training.losses[:201]))
    assert training.losses[200] <= 0.1 * training.losses[0]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_is_the_fast_paths_training(optimizer: str) -> None:
    setting = replace(PRESETS["Add the two marked numbers"], optimizer=optimizer)
    training = Training(setting)
    made = {"sgd": SGD(0.05), "momentum": SGD(0.05, momentum=0.9), "rmsprop": RMSprop(0.05), "adam": Adam(0.05)}[
        optimizer
    ]
    model = fast(setting, setting.first_weights())
    model.compile(made, "mse")
    for _ in range(20):
        model.train_on_batch(setting.x, setting.y)
    found = training.moment(20).weights
    for expected, array in zip(model.get_weights(), vars(found).values(), strict=True):
        np.testing.assert_allclose(array, expected, atol=1e-12)


def test_any_step_can_be_asked_again_in_any_order() -> None:
    setting = PRESETS["Odd or even"]
    there_and_back, straight = Training(setting), Training(setting)
    late = there_and_back.moment(40)
    early = there_and_back.moment(3)
    np.testing.assert_array_equal(early.weights.flat(), straight.moment(3).weights.flat())
    np.testing.assert_array_equal(early.after.flat(), straight.moment(4).weights.flat())
    np.testing.assert_array_equal(late.weights.flat(), straight.moment(40).weights.flat())
    assert straight.losses[:41] == there_and_back.losses[:41]
    for step in (0, 3, 40):
        moment = there_and_back.moment(step)
        assert moment.loss.value == there_and_back.losses[step] and moment.step == step
    place = Place("W", (0, 5))
    path = there_and_back.path(place, 40)
    assert path.shape == (41,) and path[3] == early.weights.at(place)


def test_a_training_ends_at_the_last_step_allowed() -> None:
    training = Training(Setting((((0.5,),),), (0.25,), units=1, optimizer="sgd"))
    last = training.moment(MAX_STEPS + 50)
    assert last.step == MAX_STEPS and last.after is None
    assert training.moment(-4).step == 0


def test_a_rate_too_large_diverges_and_says_where_it_began() -> None:
    training = Training(replace(PRESETS["Remember the first number"], optimizer="sgd", learning_rate=2.0))
    last = training.moment(200)
    found = training.diverged
    assert found is not None and last.step == found.noticed == len(training.losses) - 1 and last.after is None
    assert found.lowest == int(np.argmin(training.losses)) and found.began == found.lowest + 1
    assert found.loss == training.losses[-1] > 1000 > training.losses[-2]
    assert all(loss > training.losses[found.lowest] for loss in training.losses[found.began :])
    gentle = Training(replace(training.setting, learning_rate=0.2))
    gentle.reach(200)
    assert gentle.diverged is None


# --- the landscape


@pytest.mark.parametrize(
    "places", [(Place("W", (0, 3)),), (Place("U", (1, 4)), Place("V", (0, 0))), (Place("d", (0,)), Place("b", (2,)))]
)
def test_every_point_of_the_landscape_is_the_loss_there(places: tuple[Place, ...]) -> None:
    setting = PRESETS["Add the two marked numbers"]
    weights = Training(setting).moment(4).weights
    axes = tuple(np.linspace(-2, 2 + k, 4 + k) for k in range(len(places)))
    found = landscape(weights, places, setting.x, setting.y, axes)
    assert found.loss.shape == tuple(len(axis) for axis in reversed(axes))
    for where in np.ndindex(found.loss.shape):
        moved = weights.like(weights.flat())
        for place, axis, k in zip(places, axes, reversed(where), strict=True):
            getattr(moved, SYMBOLS[place.letter])[place.index] = axis[k]
        assert found.loss[where] == pytest.approx(network.loss_of(moved, setting.x, setting.y), rel=1e-12)


def test_an_axis_shows_where_the_path_came_from() -> None:
    assert around(np.array([0.3, 0.31]), 3).tolist() == pytest.approx([-0.69, 0.31, 1.31])
    wide = around(np.array([-4.0, 1.0]), 5)
    assert wide[0] <= -4 and wide[-1] == pytest.approx(7)
    assert np.ptp(around(np.array([1e9, 0.0]), 2)) == 100


# --- what can be set


def test_sequences_as_text() -> None:
    text = "0.4,1 0.1,0; 0.2,1 -0.5,1"
    sequences = read_sequences(text)
    assert sequences == (((0.4, 1), (0.1, 0)), ((0.2, 1), (-0.5, 1)))
    assert write_sequences(sequences) == text
    assert read_targets("0.5; −1") == (0.5, -1) and write_targets((0.5, -1)) == "0.5; -1"
    for preset in PRESETS.values():
        assert read_sequences(write_sequences(preset.sequences)) == preset.sequences
        assert read_targets(write_targets(preset.targets)) == preset.targets


HOW = "write sequences as 0.9 0.1 0.4, with ; between two of them"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f"a number is missing: {HOW}"),
        ("1 two 3", f"'two' is not a number: {HOW}"),
        ("1 nan", f"'nan' is not a number: {HOW}"),
        ("inf", f"'inf' is not a number: {HOW}"),
        ("1,,2", "there must be at most 2 features in a step"),
        ("1, 2", f"a number is missing: {HOW}"),
        ("1 2 3 4 5 6 7", "there must be at most 6 time steps in a sequence"),
        ("1;" * 9, "there must be at most 8 sequences"),
        ("1 " * 100_000, "there must be at most 6 time steps in a sequence"),
    ],
)
def test_text_that_is_no_sequence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_sequences(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"targets": (1.0, 2.0)}, "there must be one target for each sequence, so 1 here, and not 2"),
        ({"targets": (float("nan"),)}, "target 1 must be a number from -10 to 10, got nan"),
        ({"sequences": (((11.0,),),)}, "step 1 of sequence 1 must be a number from -10 to 10, got 11.0"),
        ({"sequences": ()}, "there must be 1 to 8 sequences, not 0"),
        ({"sequences": (((1.0,),) * 7,)}, "there must be 1 to 6 time steps in sequence 1, not 7"),
        ({"sequences": (((1.0, 2.0, 3.0),),)}, "there must be 1 to 2 features in step 1 of sequence 1, not 3"),
        (
            {"sequences": (((1.0,), (1.0, 2.0)),)},
            "every step must have as many features as the first, 1, and step 2 of sequence 1 has 2",
        ),
        (
            {"sequences": (((1.0,),), ((1.0,), (2.0,))), "targets": (1.0, 1.0)},
            "all sequences must be of one length, and sequence 2 has 2 steps where the first has 1",
        ),
        ({"units": 4}, "units must be a whole number from 1 to 3, got 4"),
        ({"seed": -1}, "seed must be a whole number from 0 to 99, got -1"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, momentum, rmsprop, adam, got 'lion'"),
        ({"learning_rate": 0.0}, "the learning rate must be a number from 0.0001 to 10, got 0.0"),
        ({"learning_rate": float("inf")}, "the learning rate must be a number from 0.0001 to 10, got inf"),
    ],
)
def test_a_setting_that_cannot_be(change: dict, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        Setting(**{"sequences": (((1.0,),),), "targets": (0.5,), **change})
    assert str(caught.value) == sentence
