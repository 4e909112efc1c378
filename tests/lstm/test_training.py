"""The training loop: repeatable, resumable to the bit, stoppable, and honest when it goes wrong."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lstm import LSTM, SGD, Adam, Dense, Dropout, OneHot, RMSprop, Sequential, parallel, training
from lstm.batches import ArrayBatches, LaneBatches
from lstm.history import Control, History, Progress
from lstm.training import DECAYS, EarlyStopping, NonFiniteLoss


class Clock:
    """Stands in for the clock: moves on by a hundredth of a second whenever it is looked at, or as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        self.now += 0.01
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(training, "time", made)
    return made


def data(items: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Short sequences whose target is the sum of their first feature."""
    x = np.random.default_rng(seed).normal(size=(items, 4, 2)).astype(np.float32)
    return x, x[:, :, :1].sum(axis=1)


def make(optimizer=None, seed: int = 3, dropout: float = 0.0) -> Sequential:
    model = Sequential([LSTM(5), *([Dropout(dropout)] if dropout else []), Dense(1)], seed=seed)
    model.compile(optimizer or Adam(0.01), "mse")
    model.build((None, 4, 2))
    return model


def reader(optimizer=None, seed: int = 3) -> Sequential:
    """A stateful model of symbols, with dropout between its layers."""
    layers = [OneHot(6), LSTM(5, return_sequences=True, stateful=True), Dropout(0.3), Dense(6, "softmax")]
    model = Sequential(layers, seed=seed)
    model.compile(optimizer or Adam(0.02, global_clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, None))
    return model


def drain(run) -> tuple[list[Progress], History]:
    seen = []
    while True:
        try:
            seen.append(next(run))
        except StopIteration as end:
            return seen, end.value


# --- what it reports ------------------------------------------------------------------------------------------------


def test_it_learns() -> None:
    model, (x, y) = make(Adam(0.03)), data(200)
    before = model.evaluate(x, y)
    model.fit(x, y, epochs=30, batch_size=20)
    assert model.evaluate(x, y) < before / 20


def test_progress_at_every_step() -> None:
    seen, history = drain(make().fit_iter(*data(10), batch_size=4, epochs=2, validation_data=data(6, 1)))
    assert [p.step for p in seen] == [1, 2, 3, 4, 5, 6]  # 10 examples in batches of 4: three steps a pass
    assert [p.epoch for p in seen] == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    assert [p.fraction for p in seen] == pytest.approx([k / 6 for k in range(1, 7)])
    assert [sorted(p.metrics) for p in seen] == [["loss"], ["loss"], ["loss", "val_loss"]] * 2
    assert all(p.rate > 0 and p.eta is not None for p in seen) and seen[-1].eta == 0
    assert history.ended == "finished" and history.seconds == seen[-1].seconds


def test_history_has_a_mean_an_epoch_and_every_measurement() -> None:
    seen, history = drain(make().fit_iter(*data(10), batch_size=4, epochs=2, validation_data=data(6, 1)))
    losses = [p.metrics["loss"] for p in seen]
    assert history.series("loss") == ([1, 2, 3, 4, 5, 6], losses)
    steps, values = history.series("val_loss")
    assert steps == [3, 6] and values == history.history["val_loss"]
    assert history.epoch == [0, 1]
    weights = [4, 4, 2]  # ten examples in batches of four: the last one counts half
    assert history.history["loss"] == pytest.approx([np.average(part, weights=weights) for part in (losses[:3], losses[3:])])
    assert history.series("accuracy") == ([], [])
    rows = history.rows()
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[2] == {"step": 3, "loss": losses[2], "val_loss": values[0]}
    assert rows[3] == {"step": 4, "loss": losses[3]}


def test_rows_of_measurements_at_different_steps() -> None:
    history = History()
    history.add(3, {"val_loss": 0.5})
    history.add(1, {"loss": 0.9})
    history.add(3, {"loss": 0.7})
    assert history.rows() == [{"step": 1, "loss": 0.9}, {"step": 3, "val_loss": 0.5, "loss": 0.7}]


def test_verbose_prints_a_line_an_epoch(capsys: pytest.CaptureFixture) -> None:
    make().fit(*data(10), batch_size=4, epochs=3, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1"], ["epoch", "2"], ["epoch", "3"]]
    assert all("loss" in line for line in lines)
    make().fit(*data(10), epochs=3)
    assert capsys.readouterr().out == ""


def test_validation_leaves_training_as_it_was() -> None:
    """With and without validation: the same losses, also where states are carried."""
    text = np.random.default_rng(0).integers(0, 6, 400)
    plain = reader().fit(LaneBatches(text, 4, 5, 3), epochs=2)
    watched = reader().fit(
        LaneBatches(text, 4, 5, 3), epochs=2, validation_data=LaneBatches(text[:60], 2, 5), validate_every=2
    )
    assert plain.series("loss") == watched.series("loss")
    assert len(watched.series("val_loss")[0]) == len(plain.series("loss")[0]) // 2
    assert set(watched.points) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_a_last_validation_whatever_the_interval() -> None:
    history = make().fit(*data(10), batch_size=4, steps=5, validation_data=data(6, 1), validate_every=3)
    assert history.series("val_loss")[0] == [3, 5]


def test_validation_split_holds_the_end_out() -> None:
    x, y = data(20)
    y[15:] = 1e3  # would be noticed
    model = make()
    history = model.fit(x, y, batch_size=15, epochs=3, validation_split=0.25, shuffle=False)
    assert len(history.series("loss")[0]) == 3  # 15 examples: one batch a pass
    assert max(history.series("loss")[1]) < 100 < min(history.series("val_loss")[1])
    same = make()
    expected = same.fit(x[:15], y[:15], batch_size=15, epochs=3, validation_data=(x[15:], y[15:]), shuffle=False)
    assert expected.points == history.points
    np.testing.assert_array_equal(model.weights_vector, same.weights_vector)


def test_validation_data_can_be_a_list_as_in_keras() -> None:
    x, y = data(8)
    assert "val_loss" in make().fit(x, y, validation_data=[x, y]).history


# --- budgets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "steps"),
    [
        ({}, 5),
        ({"epochs": 2}, 10),
        ({"epochs": 0.4}, 2),
        ({"epochs": 2.2}, 11),
        ({"steps": 7}, 7),
        ({"steps": 7, "epochs": 1}, 5),
    ],
)
def test_budgets(budget: dict, steps: int) -> None:
    seen, history = drain(make().fit_iter(*data(20), batch_size=4, **budget))
    assert len(seen) == steps and history.ended == "finished"
    assert seen[-1].fraction == 1.0 and all(p.fraction < 1 for p in seen[:-1])


def test_a_budget_in_seconds(clock: Clock) -> None:
    seen, _ = drain(make().fit_iter(*data(20), batch_size=4, seconds=0.5))
    assert seen[-2].seconds < 0.5 <= seen[-1].seconds and seen[-1].fraction == 1.0
    assert [p.fraction for p in seen[:-1]] == pytest.approx([p.seconds / 0.5 for p in seen[:-1]])
    half = min(seen, key=lambda p: abs(p.fraction - 0.5))
    assert half.eta == pytest.approx(0.5 - half.seconds)
    # whichever is used up first
    assert len(drain(make().fit_iter(*data(20), batch_size=4, seconds=0.5, steps=3))[0]) == 3


def test_a_pause_does_not_count(clock: Clock) -> None:
    without, _ = drain(make().fit_iter(*data(20), batch_size=4, epochs=2))
    run, paused = make().fit_iter(*data(20), batch_size=4, epochs=2), []
    clock.now += 500  # between making the generator and asking it for the first step
    for progress in run:
        paused.append(progress)
        clock.now += 3600
    assert [p.seconds for p in paused] == pytest.approx([p.seconds for p in without])
    assert [p.rate for p in paused] == pytest.approx([p.rate for p in without])


def test_the_rate_counts_examples_or_characters(clock: Clock) -> None:
    seen, _ = drain(make().fit_iter(*data(20), batch_size=4, epochs=1))
    assert seen[-1].rate == pytest.approx(20 / seen[-1].seconds)
    text = np.random.default_rng(0).integers(0, 6, 121)
    seen, _ = drain(reader().fit_iter(LaneBatches(text, 4, 5), epochs=1))
    assert seen[-1].rate == pytest.approx(120 / seen[-1].seconds)


# --- repeatable and resumable ---------------------------------------------------------------------------------------


def test_same_seed_same_losses_bit_for_bit() -> None:
    def losses(seed: int) -> list[float]:
        return make(seed=seed, dropout=0.4).fit(*data(), batch_size=8, epochs=3).series("loss")[1]

    assert losses(3) == losses(3)
    assert losses(3) != losses(4)


def arrays_run(model: Sequential, **options):
    return model.fit_iter(
        *data(30), batch_size=7, epochs=6, validation_data=data(12, 1), validate_every=2, decay="cosine",
        early_stopping=EarlyStopping(patience=4, restore_best_weights=True), **options,
    )  # fmt: skip


def lanes_run(model: Sequential, **options):
    text = np.random.default_rng(0).integers(0, 6, 500)
    return model.fit_iter(
        LaneBatches(text, 4, 5, 3), steps=40, decay="linear", validation_data=LaneBatches(text[:50], 2, 6), **options
    )


@pytest.mark.parametrize(
    ("build", "start"),
    [
        (lambda seed: make(Adam(0.05, clipnorm=1.0), seed, dropout=0.3), arrays_run),
        (lambda seed: make(SGD(0.05, momentum=0.9), seed), arrays_run),
        (lambda seed: reader(seed=seed), lanes_run),
        (lambda seed: reader(RMSprop(0.01), seed), lanes_run),
    ],
    ids=["dropout, early stopping, decay", "momentum", "stateful lanes", "another optimizer"],
)
def test_a_checkpoint_goes_on_bit_for_bit(build, start) -> None:
    """From a checkpoint after any step, also in the middle of a pass, the run ends exactly as it would have."""
    saved: list[bytes] = []
    whole = build(3)
    seen, history = drain(start(whole, control=Control(save=saved.append, save_every=0.0)))
    assert len(saved) == len(seen) - 1  # every step but the last
    for at in (1, 3, 8, 13, len(saved)):
        model = build(99)  # other weights, other random streams: all of it has to come from the checkpoint
        rest, again = drain(start(model, checkpoint=saved[at - 1]))
        assert [p.step for p in rest] == [p.step for p in seen[at:]]
        assert [p.metrics for p in rest] == [p.metrics for p in seen[at:]]
        assert [p.epoch for p in rest] == [p.epoch for p in seen[at:]]
        assert (again.points, again.history, again.epoch) == (history.points, history.history, history.epoch)
        assert (again.ended, again.best_step) == (history.ended, history.best_step)
        np.testing.assert_array_equal(model.weights_vector, whole.weights_vector)
        assert model.optimizer.learning_rate == whole.optimizer.learning_rate


def test_a_checkpoint_keeps_the_time_already_spent(clock: Clock) -> None:
    saved: list[bytes] = []
    seen, _ = drain(
        make().fit_iter(*data(20), batch_size=4, epochs=2, control=Control(save=saved.append, save_every=0.0))
    )
    rest, _ = drain(make().fit_iter(*data(20), batch_size=4, epochs=2, checkpoint=saved[3]))
    assert seen[3].seconds < rest[0].seconds < seen[5].seconds


def test_checkpoints_come_every_so_many_seconds(clock: Clock) -> None:
    saved: list[bytes] = []
    seen, _ = drain(
        make().fit_iter(*data(20), batch_size=4, epochs=20, control=Control(save=saved.append, save_every=0.5))
    )
    assert 0.5 * len(saved) <= seen[-1].seconds < 0.5 * (len(saved) + 2)


def test_a_checkpoint_of_another_model_is_refused() -> None:
    saved: list[bytes] = []
    drain(make().fit_iter(*data(20), batch_size=4, control=Control(save=saved.append, save_every=0.0)))
    other = Sequential([LSTM(6), Dense(1)])
    other.compile("adam", "mse")
    with pytest.raises(
        ValueError, match=r"the checkpoint holds 166 weights and the model 223: it belongs to another model"
    ):
        next(other.fit_iter(*data(20), checkpoint=saved[0]))


# --- early stopping, decay, stopping --------------------------------------------------------------------------------


def scripted(monkeypatch: pytest.MonkeyPatch, model: Sequential, values: list[float]) -> list[np.ndarray]:
    """Let validations come out as told; returns the list of the weights they were asked for."""
    script, weights = iter(values), []

    def evaluate_iter(*_, **__):
        weights.append(model.weights_vector.copy())
        yield 1.0
        return {"loss": next(script)}

    monkeypatch.setattr(model, "evaluate_iter", evaluate_iter)
    return weights


def test_early_stopping_ends_with_the_best_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    weights = scripted(monkeypatch, model, [5.0, 3.0, 4.0, 2.9, 3.5, 2.95, 9.0, 1.0])
    history = model.fit(*data(8), epochs=99, validation_data=data(8), early_stopping=EarlyStopping(patience=3, restore_best_weights=True))
    assert history.series("val_loss")[1] == [5.0, 3.0, 4.0, 2.9, 3.5, 2.95, 9.0]  # three in a row not below 2.9
    assert (history.ended, history.best_step) == ("early", 4)
    np.testing.assert_array_equal(model.weights_vector, weights[3])


def test_early_stopping_can_keep_the_last_weights_and_ask_for_a_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    weights = scripted(monkeypatch, model, [5.0, 4.95, 4.91, 1.0])
    rule = EarlyStopping(patience=2, min_delta=0.1, restore_best_weights=False)
    history = model.fit(*data(8), epochs=99, validation_data=data(8), early_stopping=rule)
    assert history.series("val_loss")[1] == [5.0, 4.95, 4.91] and history.best_step == 1
    np.testing.assert_array_equal(model.weights_vector, weights[-1])


def test_the_best_weights_are_restored_when_the_budget_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    weights = scripted(monkeypatch, model, [5.0, 3.0, 4.0])
    history = model.fit(*data(8), epochs=3, validation_data=data(8), early_stopping=EarlyStopping(patience=5, restore_best_weights=True))
    assert (history.ended, history.best_step) == ("finished", 2)
    np.testing.assert_array_equal(model.weights_vector, weights[1])


def test_accuracy_is_better_when_higher() -> None:
    text = np.random.default_rng(0).integers(0, 6, 300)
    model = reader()
    rule = EarlyStopping(monitor="val_accuracy", patience=3)
    history = model.fit(
        LaneBatches(text, 4, 5), epochs=30, validation_data=LaneBatches(text[:60], 2, 5), early_stopping=rule
    )
    steps, values = history.series("val_accuracy")
    assert history.best_step == steps[int(np.argmax(values))]


def test_decay_by_hand() -> None:
    assert [DECAYS["none"](f) for f in (0, 0.5, 1)] == [1, 1, 1]
    assert [DECAYS["linear"](f) for f in (0, 0.25, 1, 1.5)] == [1, 0.75, 0, 0]
    # ½ (1 + cos πf): cos 0 = 1, cos π/3 = ½, cos π/2 = 0, cos π = −1
    assert [DECAYS["cosine"](f) for f in (0, 1 / 3, 0.5, 1, 1.5)] == pytest.approx([1, 0.75, 0.5, 0, 0])


@pytest.mark.parametrize("decay", DECAYS)
def test_the_learning_rate_falls_over_the_budget_and_is_put_back(decay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, rates = make(SGD(0.2)), []
    right = model.apply_gradient
    monkeypatch.setattr(model, "apply_gradient", lambda: (rates.append(model.optimizer.learning_rate), right()))
    model.fit(*data(16), batch_size=4, epochs=2, decay=decay)
    assert rates == pytest.approx([0.2 * DECAYS[decay](k / 8) for k in range(8)])
    assert model.optimizer.learning_rate == 0.2


def test_the_learning_rate_is_put_back_however_a_run_ends() -> None:
    for end in ("stop", "close", "diverge"):
        model = make(SGD(1e12 if end == "diverge" else 0.1))
        control = Control()
        run = model.fit_iter(*data(), batch_size=2, epochs=2, decay="linear", control=control)
        try:
            for _ in range(3):
                next(run)
            control.stop = True
            run.close() if end == "close" else drain(run)
        except NonFiniteLoss:
            assert end == "diverge"
        assert model.optimizer.learning_rate == (1e12 if end == "diverge" else 0.1)


def test_stop_ends_after_the_step_it_is_in_and_keeps_what_was_learnt() -> None:
    model, control = make(), Control()
    run = model.fit_iter(*data(), batch_size=4, epochs=50, validation_data=data(8), control=control)
    assert [next(run).step for _ in range(7)][-1] == 7
    learnt = model.weights_vector.copy()
    control.stop = True
    rest, history = drain(run)
    assert len(rest) == 1 and rest[0].step == 8 and rest[0].fraction == 1.0
    assert history.ended == "stopped" and history.series("val_loss")[0] == [8]
    assert np.isfinite(model.weights_vector).all() and not np.array_equal(model.weights_vector, learnt)
    one_more = make()
    one_more.fit(*data(), batch_size=4, steps=8)
    np.testing.assert_array_equal(model.weights_vector, one_more.weights_vector)


# --- when it goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_a_diverging_run_says_so_and_keeps_the_last_good_weights() -> None:
    model = make(SGD(1e4))
    with pytest.raises(NonFiniteLoss) as caught:
        model.fit(*data(), batch_size=4, epochs=500)
    message, history = str(caught.value), caught.value.history
    assert "the loss is no longer a finite number after" in message
    assert "Try a learning rate below 10000, or clip the gradient" in message
    assert np.isfinite(model.weights_vector).all() and np.isfinite(model.evaluate(*data()))
    assert history.ended == "diverged" and np.isfinite(history.series("loss")[1]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("validation", [None, data(6, 1)])
def test_divergence_in_the_very_last_step_is_noticed(validation) -> None:
    """No further step would compute a loss with the broken weights."""
    model, (x, y) = make(SGD(1e38)), data(8)
    before = model.weights_vector.copy()
    with pytest.raises(NonFiniteLoss) as caught:
        model.fit(x * 100, y * 1e6, steps=1, validation_data=validation)
    np.testing.assert_array_equal(model.weights_vector, before)
    assert "val_loss" not in caught.value.history.points


@pytest.mark.filterwarnings("error")
def test_divergence_in_two_threads_is_told_once_and_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "WORTH_IT", 1)
    monkeypatch.setattr(parallel, "threads", lambda: 2)
    model = make(SGD(1e300))
    with pytest.raises(NonFiniteLoss):
        model.fit(*data(), batch_size=8, epochs=5)
    assert model._halves is not None and np.isfinite(model.weights_vector).all()


def test_the_good_weights_are_from_before_the_loss_ran_away(monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights, losses = make(), [], itertools.chain([1.0] * 60, [9.0] * 60, [float("nan")])
    right = model.loss_and_gradient

    def scripted(x, y, **options):
        weights.append(model.weights_vector.copy())
        return {**right(x, y, **options), "loss": next(losses)}

    monkeypatch.setattr(model, "loss_and_gradient", scripted)
    with pytest.raises(NonFiniteLoss, match="after 120 steps"):
        model.fit(*data(8), batch_size=8, epochs=500)
    assert any(np.array_equal(model.weights_vector, w) for w in weights[25:60])


def test_a_non_finite_loss_is_a_value_error_with_a_history() -> None:
    assert issubclass(NonFiniteLoss, ValueError)


def test_states_are_carried_within_a_passage_and_forgotten_between() -> None:
    """What the loop does with `carry`, against the same by hand."""
    text = np.random.default_rng(0).integers(0, 6, 200)
    batches, model, by_hand = LaneBatches(text, 2, 5, 3), reader(), reader()
    losses = model.fit(batches, epochs=1).series("loss")[1]
    expected = []
    for number, (x, y) in enumerate(batches.epoch(by_hand.shuffle_rng)):
        if number % 3 == 0:
            by_hand.reset_states()
        expected.append(by_hand.train_on_batch(x, y, return_dict=True)["loss"])
    assert losses == expected


def test_a_source_of_batches_of_ones_own() -> None:
    x, y = data(6)
    source = SimpleNamespace(items=6, carry=2, epoch=lambda rng: iter([(x[:4], y[:4]), (x[4:], y[4:])]))
    kind = type("Source", (), {"__len__": lambda self: 2, **vars(source), "epoch": lambda self, rng: source.epoch(rng)})
    history = make().fit(kind(), epochs=2)
    assert len(history.series("loss")[0]) == 4


# --- checkpoints of the first edition ---------------------------------------------------------------------------------

FIRST_EDITION = Path(__file__).parent / "first_edition"
"""`after_step_13.checkpoint` was saved after step 13 of `first_edition_run`, in the middle of a passage, by the loop that kept its
state in local variables; `measured.json` holds what that run had measured when it was over. To make them again, check
out commit 6329513 and run, with `Control` from `lstm.training` and this file's `first_edition_run`:

    saved = []
    run = first_edition_run(reader(Adam(0.05, global_clipnorm=1.0)), control=Control(save=saved.append, save_every=0.0))
    history = drain(run)[1]
    Path("after_step_13.checkpoint").write_bytes(saved[12])
    Path("measured.json").write_text(json.dumps({name: getattr(history, name) for name in MEASURED}))
"""
MEASURED = ("points", "history", "best_step", "ended")


def first_edition_run(model: Sequential, **options):
    text = np.random.default_rng(0).integers(0, 6, 220)
    return model.fit_iter(
        LaneBatches(text, 4, 5, 3), steps=30, decay="linear", validation_data=LaneBatches(text[:50], 2, 6), validate_every=4,
        early_stopping=EarlyStopping("val_accuracy", patience=9, restore_best_weights=True), **options,
    )  # fmt: skip


def test_a_checkpoint_of_the_first_edition_goes_on_as_it_would_have() -> None:
    model = reader(Adam(0.05, global_clipnorm=1.0), seed=99)
    seen, history = drain(first_edition_run(model, checkpoint=(FIRST_EDITION / "after_step_13.checkpoint").read_bytes()))
    expected = json.loads((FIRST_EDITION / "measured.json").read_text())
    assert [p.step for p in seen] == list(range(14, 31))
    assert (history.ended, history.best_step) == (expected["ended"], expected["best_step"])
    for name, (steps, values) in expected["points"].items():
        assert history.series(name)[0] == steps
        assert history.series(name)[1] == pytest.approx(values, rel=1e-5)  # another machine's BLAS may round otherwise
    assert history.series("loss")[1][:13] == expected["points"]["loss"][1][:13]  # what was measured before it was saved
    assert set(history.history) == set(expected["history"])
    for name, values in expected["history"].items():
        assert history.history[name] == pytest.approx(values, rel=1e-5)


# --- validation: the run yields, and a stop is obeyed -----------------------------------------------------------------


class Slow(ArrayBatches):
    """Validation data of which every batch takes a second on the clock that stands in."""

    def __init__(self, clock: Clock, items: int = 6, do=lambda number: None) -> None:
        super().__init__(*data(items, 1), batch_size=1, shuffle=False)
        self.clock, self.do = clock, do

    def epoch(self, rng):
        for number, batch in enumerate(super().epoch(rng)):
            self.do(number)
            self.clock.now += 1.0
            yield batch


def test_a_run_yields_within_a_validation_and_the_numbers_stay_the_same(clock: Clock) -> None:
    def run(validation):
        return drain(make().fit_iter(*data(10), batch_size=5, epochs=2, validation_data=validation))

    seen, history = run(Slow(clock))
    plain, expected = run(data(6, 1))
    steps = [p for p in seen if p.validating is None]
    inside = [p for p in seen if p.validating is not None]
    assert [p.step for p in steps] == [p.step for p in plain] == [1, 2, 3, 4]
    assert [p.step for p in inside] == [2] * 5 + [4] * 5  # after every batch but the last, which ends in the step's own
    assert [p.validating for p in inside] == pytest.approx([k / 6 for k in range(1, 6)] * 2)
    assert all(p.metrics == {} and p.fraction < 1 for p in inside) and seen[-1].fraction == 1
    assert history.points["loss"] == expected.points["loss"]
    assert history.points["val_loss"][1] == pytest.approx(expected.points["val_loss"][1])
    gaps = np.diff([p.seconds for p in seen])
    assert gaps.max() < 1.2  # on that clock: a batch, and the looks at the clock


def test_a_pause_within_a_validation_does_not_count(clock: Clock) -> None:
    def seconds(pause: float) -> float:
        told = []
        for progress in make().fit_iter(*data(10), batch_size=5, validation_data=Slow(clock)):
            told.append(progress.seconds)
            clock.now += pause
        return told[-1]

    assert seconds(3600) == pytest.approx(seconds(0))


@pytest.mark.parametrize("stopped_at", ["before it", "within it"])
def test_a_stop_gives_up_a_validation_that_takes_long(clock: Clock, stopped_at: str) -> None:
    control = Control()
    batches_read: list[int] = []

    def at(number: int) -> None:
        batches_read.append(number)
        control.stop |= stopped_at == "within it" and number == 2

    run = make().fit_iter(*data(10), batch_size=5, epochs=3, validation_data=Slow(clock, 60, at), control=control)
    control.stop = stopped_at == "before it"
    seen, history = drain(run)
    assert history.ended == "stopped" and history.points.keys() == {"loss"}
    assert len(batches_read) <= 2 + (3 if stopped_at == "within it" else 1)
    assert seen[-1].fraction == 1.0 and sorted(seen[-1].metrics) == ["loss"]


def test_a_stop_lets_a_validation_that_is_nearly_done_end(clock: Clock) -> None:
    control = Control()
    slow = Slow(clock, 6, lambda number: setattr(control, "stop", number >= 4))
    _, history = drain(make().fit_iter(*data(10), batch_size=5, epochs=3, validation_data=slow, control=control))
    assert history.series("val_loss")[0] == [2]


def test_an_epoch_without_a_validation_has_no_val_loss() -> None:
    """As with Keras's validation_freq: a shorter list, and no value of an epoch before handed on."""
    history = make().fit(*data(10), batch_size=5, epochs=5, validation_data=data(6, 1), validate_every=4)
    steps, values = history.series("val_loss")
    assert steps == [4, 8, 10] and history.epoch == [0, 1, 2, 3, 4]
    assert len(history.history["loss"]) == 5 and history.history["val_loss"] == values


def test_several_validations_within_an_epoch_leave_the_last_of_them() -> None:
    history = make().fit(*data(20), batch_size=5, epochs=2, validation_data=data(6, 1), validate_every=2)
    values = history.series("val_loss")[1]
    assert len(values) == 4 and history.history["val_loss"] == values[1::2]


def test_what_verbose_prints_is_the_history(capsys: pytest.CaptureFixture) -> None:
    """33 examples in batches of 32: the last batch alone is not the epoch."""
    history = make().fit(*data(33), batch_size=32, epochs=2, validation_data=data(6, 1), verbose=1)
    for k, line in enumerate(capsys.readouterr().out.splitlines()):
        words = line.split()
        shown = dict(zip(words[4::2], map(float, words[5::2])))
        assert shown == pytest.approx({name: values[k] for name, values in history.history.items()}, abs=5e-5)


# --- as a Keras user writes it ----------------------------------------------------------------------------------------


def test_arguments_of_fit_stand_in_keras_order() -> None:
    """fit(x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle)"""
    by_place, by_name = make(), make()
    x, y = data(20)
    first = by_place.fit(x, y, 8, 2, 0, None, 0.25, None, False)
    second = by_name.fit(x, y, batch_size=8, epochs=2, validation_split=0.25, shuffle=False)
    assert first.points == second.points and first.history == second.history
    assert len(first.series("loss")[0]) == 4  # 15 examples in batches of 8


def test_callbacks_are_told_of_every_epoch_what_the_history_has_of_it() -> None:
    told = []
    listener = SimpleNamespace(on_epoch_end=lambda epoch, logs: told.append((epoch, logs)))
    history = make().fit(*data(10), epochs=3, batch_size=4, validation_data=data(6, 1), callbacks=[listener])
    assert [epoch for epoch, _ in told] == history.epoch == [0, 1, 2]
    assert [logs for _, logs in told] == [{name: values[k] for name, values in history.history.items()} for k in range(3)]


def test_early_stopping_as_a_callback_is_early_stopping() -> None:
    x, y = data(10)
    rule = EarlyStopping(patience=1, min_delta=10.0)
    history = make().fit(x, y, epochs=9, validation_data=(x, y), callbacks=[rule])
    assert history.ended == "early" and history.epoch == [0, 1]
    with pytest.raises(ValueError, match="there can be one EarlyStopping, got 2"):
        make().fit(x, y, validation_data=(x, y), callbacks=[rule], early_stopping=rule)


def test_what_is_no_callback_and_no_verbosity_is_refused() -> None:
    with pytest.raises(ValueError, match=r"callbacks takes EarlyStopping and objects with on_epoch_end\(epoch, logs\), got str"):
        make().fit(*data(4), callbacks=["early"])
    with pytest.raises(ValueError, match='verbose must be 0, 1, 2 or "auto", got 8'):
        make().fit(*data(4), verbose=8)
