"""Truncated backpropagation on the recall task: what reaches what, by hand, and what the four ways come to."""

from __future__ import annotations

import numpy as np
import pytest

from lstm.cli import main
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.memory.truncated import (
    ALONE,
    FULL,
    GUESSES,
    TASK,
    TRUNCATED,
    WAYS,
    Row,
    Truncated,
    gradient,
    in_words,
    outcome,
)


@pytest.fixture(scope="module")
def untaught():
    model = Truncated(units=6).build(0)
    return model, *TASK.sequences(4, 11, np.random.default_rng(0))


def filled(model, x, y, window, way):
    loss = gradient(model, x, y, window, way)
    return loss, model.gradient_vector.copy()


@pytest.mark.parametrize("window", [12, 13, 100])
@pytest.mark.parametrize("way", WAYS)
def test_a_window_that_holds_everything_has_the_full_gradient(untaught, window, way):
    model, x, y = untaught
    whole = model.loss_and_gradient(x, y)["loss"], model.gradient_vector.copy()
    loss, found = filled(model, x, y, window, way)
    assert loss == whole[0] and np.array_equal(found, whole[1]) and np.abs(found).max() > 1e-3


def test_carried_the_loss_is_that_of_the_whole_and_the_gradient_is_not(untaught):
    model, x, y = untaught
    (loss, full), (same, cut) = filled(model, x, y, 5, FULL), filled(model, x, y, 5, TRUNCATED)
    assert same == pytest.approx(loss, rel=1e-6) and np.abs(cut - full).max() > 1e-3
    head = full.size - model.layers[-1].get_gradients()[0].size - TASK.symbols  # what only the last state meets
    np.testing.assert_allclose(cut[head:], full[head:], rtol=1e-4, atol=1e-7)


def test_the_cut_gradient_is_that_of_the_window_with_its_state_held_still(untaught):
    """By central differences: the state that comes in is a number, not a function of the weights."""
    model, x, y = untaught
    _, cut = filled(model, x, y, 5, TRUNCATED)
    states = model.predict(x[:, :-5], return_states=True)[1]
    weights = model.weights_vector.copy()
    for k in np.random.default_rng(1).permutation(len(weights))[:25]:
        slopes = []
        for sign in (1, -1):
            model.weights_vector[k] = weights[k] + sign * 1e-2
            slopes.append(sign * model.loss_and_gradient(x[:, -5:], y, initial_states=states)["loss"])
        model.weights_vector[k] = weights[k]
        assert sum(slopes) / 2e-2 == pytest.approx(cut[k], abs=2e-4)


def test_no_letter_in_the_window_no_gradient_for_what_reads_letters(untaught):
    model, x, y = untaught
    for way in WAYS:
        gradient(model, x, y, 11, way)
        reads = model.layers[1].get_gradients()[0][: TASK.symbols]
        assert (np.abs(reads).max() > 1e-5) == (way == FULL)
    a, b = (filled(model, x, y, 5, way) for way in ALONE)
    assert a[0] == b[0] and np.array_equal(a[1], b[1])


@pytest.fixture(scope="module")
def four():
    """One seed of the page's defaults, and of what the page suggests to try."""
    return {practice: drain(Truncated(seeds=1, practice=practice).run()) for practice in ("whole", "mixed")}


def test_the_surprise(four):
    full, truncated, alone, twin = four["whole"].details["rows"]
    assert full.mean > 0.95 and full.moved > 0.01
    assert TASK.chance + 0.1 < truncated.mean < full.mean - 0.1 and truncated.moved == 0
    assert alone.mean < TASK.chance + 0.05 and (alone.accuracies, alone.moved) == (twin.accuracies, twin.moved)
    assert outcome(four["whole"].details["rows"]) == 1
    mixed = four["mixed"].details["rows"]
    assert all(row.mean > 0.95 and row.moved > 0.01 for row in mixed) and outcome(mixed) == 2
    for result in four.values():
        assert result.ended == "finished" and result.metrics["steps"] == 600
        assert result.metrics["state carried, gradient cut"] == result.details["rows"][1].mean


def test_the_sentences_follow_the_numbers(four):
    full, cut, alone = in_words(four["whole"].details["rows"], 10)
    assert full.startswith(f"All the way back: right in {four['whole'].details['rows'][0].mean:.1%}")
    assert "cut after 10 steps" in cut and "to the last bit those that were drawn. So what it knows" in cut
    assert "makes no difference" in alone and alone.endswith("like guessing.")
    _, cut, alone = in_words(four["mixed"].details["rows"], 1)
    assert "cut after 1 step:" in cut and "inside the window" in cut and "all the same" in alone


def rows_of(full, cut, alone, moved=(0.1, 0.0, 0.0)):
    found = [Row(way, (mean,), m) for way, mean, m in zip(WAYS, (full, cut, alone, alone), (*moved, moved[2]), strict=True)]
    return found, in_words(found, 10)


def test_the_sentences_at_the_extremes():
    rows, (_, cut, alone) = rows_of(1.0, 0.125, 0.125)
    assert outcome(rows) == 0 and "So what it knows" not in cut and alone.endswith("like guessing.")
    rows, (full, cut, _) = rows_of(0.125, 0.125, 0.125)  # nobody has learnt anything
    assert outcome(rows) == 0 and "right in 12.5% of new sequences, where guessing is in 12.5%" in full and "So what it knows" not in cut
    rows, (_, cut, alone) = rows_of(1.0, 1.0, 1.0, (0.2, 0.1, 0.1))
    assert outcome(rows) == 2 and "no correction" not in cut.lower() and "like guessing" not in alone
    rows, (_, cut, _) = rows_of(0.5, 0.9, 0.125)  # better than the whole gradient
    assert GUESSES[outcome(rows)].startswith("As good") and "So what it knows" in cut
    rows[3] = Row(WAYS[3], (0.3,), 0.2)  # if the two ever differed, that would be said
    assert "makes no difference" not in in_words(rows, 10)[2] and "30.0%" in in_words(rows, 10)[2]


def test_the_same_settings_give_the_same_numbers_and_a_stop_ends_it():
    config = Truncated(seeds=2, max_steps=3, units=4, distance=8, window=4)
    one, two = (drain(config.run()).details["rows"] for _ in range(2))
    assert one == two and all(len(row.accuracies) == 2 for row in one)
    assert [now.step for now in config.run()] == [1, 2, 3, 4, 5, 6]  # whoever looks on can stop it after every step
    control = Control()
    run = config.run(control)
    next(run)
    control.stop = True
    result = drain(run)
    assert result.ended == "stopped" and result.metrics["steps"] < 6


def test_on_the_command_line(capsys):
    arguments = ["compare-truncation", "--steps", "2", "--units", "4", "--distance", "6", "--window", "2", "--seeds", "1"]
    assert main(arguments) == 0
    table = capsys.readouterr().out.splitlines()
    assert [line[:42].strip() for line in table[1:5]] == [way.words for way in WAYS] and len(table) == 8
    for wrong, said in (
        (["--window", "0"], "window must be a positive integer, got 0"), (["--distance", "400"], "distance must be at most 300, got 400"),
        (["--seeds", "6"], "seeds must be at most 5, got 6"), (["--practice", "none"], "practice"),
    ):  # fmt: skip
        assert main(["compare-truncation", *wrong]) == 2
        error = capsys.readouterr().err
        assert said in error and error.count("\n") == 1


def test_a_training_that_was_put_aside_goes_on_after_the_seeds_that_are_done():
    """Bit for bit what it would have been; the seed that was under way begins anew."""
    config = Truncated(distance=8, window=4, units=5, max_steps=6, seeds=3)
    saved: list[bytes] = []
    whole = drain(config.run(Control(save=saved.append)))
    assert len(saved) == 2  # nothing is left to do after the third
    for done, checkpoint in enumerate(saved, 1):
        steps = []
        again = drain(config.run(Control(), checkpoint), on_progress=steps.append)
        assert steps[0].step == 6 * done + 1 and again.details["rows"] == whole.details["rows"]
        assert again.history.points == whole.history.points and again.history.seconds > 0
        np.testing.assert_array_equal(again.model.weights_vector, whole.model.weights_vector)


def test_a_window_that_holds_all_makes_one_network_of_four_and_the_words_say_so():
    config = Truncated(distance=5, window=6, units=5, max_steps=10, seeds=1)
    [said] = in_words(drain(config.run()).details["rows"], config.window)
    assert said.startswith("All four are the same network to the last bit") and "nothing is cut off" in said
    assert len(in_words(drain(Truncated(distance=5, window=5, units=5, max_steps=10, seeds=1).run()).details["rows"], 5)) == 3
