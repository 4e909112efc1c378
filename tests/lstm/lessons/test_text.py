"""The text lesson's experiment: what it refuses, what it repeats, what it keeps out of training, how it ends."""

from __future__ import annotations

import dataclasses
import math
import pickle

import numpy as np
import pytest

from lstm import load_model, storage
from lstm.datasets import CORPORA
from lstm.history import Control, Progress
from lstm.lessons import drain
from lstm.lessons.result import Result
from lstm.lessons.settings import settings
from lstm.lessons.text import experiment
from lstm.lessons.text.experiment import TextGeneration, evaluation_batches, held_out, vocabulary_of
from lstm.lessons.text.sampling import generate
from lstm.preprocessing.text import CharVocabulary, WordVocabulary

TEXT = "the quick brown fox jumps over the lazy dog, and the dog sleeps on.\n" * 20
SMALL = {"corpus": "upload", "text": TEXT, "units": 8, "time_steps": 8, "batch": 4, "seconds": None, "max_steps": 12}


def small(**changes) -> TextGeneration:
    return TextGeneration(**{**SMALL, **changes})


def run(config: TextGeneration, **options) -> tuple[list[Progress], Result]:
    seen: list[Progress] = []
    return seen, drain(config.run(**options), seen.append)


def losses(seen: list[Progress]) -> list[float]:
    return [p.metrics["loss"] for p in seen if "loss" in p.metrics]


# --- what it refuses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        *[({name: value}, f"{name} must be a positive integer, got {value!r}")
          for name in ("layers", "units", "time_steps", "batch", "carry", "validate_every") for value in (0, -3, 1.5, True, None, "8")],
        *[({name: value}, f"{name} must be a positive integer, got {value!r}")
          for name in ("limit", "max_steps") for value in (0, -3, 1.5, True, "8")],
        *[({name: one.high + 1}, f"{name} must be at most {one.high:,}, got {one.high + 1:,}")
          for name, one in settings(TextGeneration).items() if one.high],
        *[({name: value}, f"{name} must be a positive number, got {value!r}")
          for name in ("learning_rate", "clip_at", "sample_seconds") for value in (0, -1, math.nan, math.inf, None, "1", True)],
        *[({name: value}, f"{name} must be a positive number, got {value!r}")
          for name in ("epochs", "seconds") for value in (0, -1, math.nan, math.inf, "1", True)],
        *[({"dropout": value}, f"dropout must be a number from 0 to below 1, got {value!r}") for value in (1, -0.1, math.nan, "0", None)],
        *[({"seed": value}, f"seed must be an integer of 0 or more, got {value!r}") for value in (-1, 1.5, True, "0", None)],
        *[({"level": value}, f'level must be one of character, word, got {value!r}') for value in ("letter", None, ["word"])],
        *[({"optimizer": value}, f"optimizer must be one of sgd, adagrad, rmsprop, adam, got {value!r}")
          for value in ("lion", None, ["adam"])],
        *[({"decay": value}, f"decay must be one of none, linear, cosine, got {value!r}") for value in ("step", None, ["cosine"])],
        *[({"cell": value}, f"cell must be one of lstm, gru, simple_rnn, got {value!r}") for value in ("rnn", None, 1)],
        *[({"clip": value}, f'clip must be one of norm, value, none, got {value!r}') for value in ("global", None, ["norm"])],
        *[({"initial": value}, "initial must be one of glorot_uniform") for value in ("ones", None, ["zeros"])],
        ({"corpus": "python_docs"}, 'a text goes with corpus "upload"'),
        *[({name: value}, f"{name} must be True or False, got {value!r}")
          for name in ("lowercase", "strip_punctuation") for value in (1, "yes", None)],
        ({"corpus": "war_and_peace", "text": None}, "corpus must be one of"),
        ({"corpus": ["python_docs"], "text": None}, "corpus must be one of"),
        ({"text": None}, 'a text goes with corpus "upload"'),
        ({"text": 5}, "text must be a string, got int"),
        ({"max_steps": None}, "a budget is needed: set epochs, seconds or max_steps"),
    ],
)  # fmt: skip
def test_building_it_validates_every_setting(fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        small(**fields)
    assert str(caught.value).startswith(sentence) and type(caught.value) is ValueError


def test_every_field_is_among_those_validated() -> None:
    """A new setting has to come with its check: those that take any value at all are named here."""
    refused = {
        name
        for mark in test_building_it_validates_every_setting.pytestmark
        for case in mark.args[1]
        for name in case[0]
    }
    assert {f.name for f in dataclasses.fields(TextGeneration)} - refused == set()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "the text is empty"),
        ({"text": " \n\t "}, "the text is empty"),
        ({"text": "?!?!", "strip_punctuation": True}, "the text is empty"),
        ({"text": "aaaaaaa" * 100}, "the text has a single distinct character, 'a': there is nothing to predict"),
        ({"text": "one " * 100, "level": "word"}, "the text has a single distinct word, 'one'"),
        ({"text": "?!" * 100, "level": "word"}, "text must hold at least one word, got none"),
        ({"text": "short"}, "the text has 5 characters, 5 of them to train on, and 4 lanes of 8 time steps need 33"),
        ({"text": "a few words only", "level": "word"}, "the text has 4 words"),
        ({"limit": 30}, "the text has 30 characters, 27 of them to train on"),
        (
            {"text": "abcab", "batch": 1, "time_steps": 2},
            "too few to hold a tenth out for validation: it needs 20 or more",
        ),
        ({"text": "abcabcabcabcabcabca", "batch": 1, "time_steps": 2}, "the text has 19 characters, too few"),
        ({"text": TEXT * 60, "batch": 512, "time_steps": 64, "units": 512}, "one step would keep"),
    ],
)
def test_texts_that_will_not_do(fields: dict, words: str) -> None:
    config = small(**fields)
    with pytest.raises(ValueError) as caught:
        next(config.run())
    assert words in str(caught.value)


def test_the_smallest_text_that_will_do() -> None:
    _, result = run(small(text="abcabcabcabcabcabcab", batch=1, time_steps=2))
    assert result.ended == "finished" and result.details["held_out"] == 2
    assert np.isfinite(list(result.metrics.values())).all()


def test_the_size_of_the_model_is_known_beforehand() -> None:
    for layers, level in ((1, "character"), (3, "character"), (2, "word")):
        config = small(layers=layers, level=level)
        vocabulary, _ = config.encode(config.prepared_text())
        assert config.build(len(vocabulary)).count_params() == config.parameters(len(vocabulary))


def test_what_is_too_much_for_a_server() -> None:
    for config, length, symbols in (
        (small(units=1024), 10**6, 50_000),
        (small(units=512, batch=512, time_steps=64), 10**6, 90),
    ):
        with pytest.raises(
            ValueError, match=r"at most 40,000,000 of each are allowed: take fewer units, layers, lanes or time"
        ):
            config.check_size(length, symbols)


def test_presets_need_no_network() -> None:
    """The default corpus is one that every Python carries."""
    assert not CORPORA[TextGeneration().corpus].needs_download


# --- what it builds -------------------------------------------------------------------------------------------------


def test_the_settings_reach_the_model() -> None:
    model = small(
        layers=2, dropout=0.25, optimizer="rmsprop", learning_rate=0.003, clip="value", clip_at=0.5, seed=9
    ).build(30)
    assert [type(layer).__name__ for layer in model.layers] == ["OneHot", "LSTM", "Dropout", "LSTM", "Dropout", "Dense"]
    assert (model.seed, model.layers[1].units, model.layers[2].rate, model.output_shape) == (
        9,
        8,
        0.25,
        (None, None, 30),
    )
    assert model.optimizer.get_config() == {
        "name": "rmsprop", "learning_rate": 0.003, "rho": 0.9, "epsilon": 1e-7,
        "clipnorm": None, "clipvalue": 0.5, "global_clipnorm": None,
    }  # fmt: skip
    assert small(clip="norm", clip_at=2.0).build(30).optimizer.global_clipnorm == 2.0
    none = small(clip="none").build(30).optimizer
    assert (none.clipnorm, none.clipvalue, none.global_clipnorm) == (None, None, None)
    spread = small(initial="small_normal", units=64).build(30).get_weights()
    assert np.std(spread[0]) == pytest.approx(0.01, rel=0.05) and np.std(spread[1]) == pytest.approx(0.01, rel=0.05)


def test_text_is_prepared_as_asked() -> None:
    config = small(text="It's THE end.\n" * 50, lowercase=True, strip_punctuation=True, limit=28)
    assert config.prepared_text() == "its the end\nits the end\n"


# --- what it does ---------------------------------------------------------------------------------------------------


def test_it_learns_the_text() -> None:
    seen, result = run(small(units=32, max_steps=300, learning_rate=0.02))
    assert result.metrics["validation loss"] < 0.5 < 2 < losses(seen)[0]
    assert result.metrics["validation loss"] < result.metrics["loss of guessing by frequency"] / 4
    assert result.metrics["validation perplexity"] == pytest.approx(math.exp(result.metrics["validation loss"]))


def test_same_config_same_losses_bit_for_bit() -> None:
    one, two, other = (run(small(dropout=0.3, seed=seed)) for seed in (4, 4, 5))
    assert losses(one[0]) == losses(two[0]) != losses(other[0])
    assert one[1].details["samples"][-1]["text"] == two[1].details["samples"][-1]["text"]
    np.testing.assert_array_equal(one[1].model.weights_vector, two[1].model.weights_vector)
    assert one[1].metrics["validation loss"] == two[1].metrics["validation loss"]


def test_looking_does_not_change_the_course() -> None:
    """Samples and validations, however many, leave the losses as they are."""
    calm, busy = small(validate_every=1000, sample_seconds=1e6), small(validate_every=1, sample_seconds=1e-9)
    (calm_seen, _), (busy_seen, result) = run(calm), run(busy)
    assert losses(calm_seen) == losses(busy_seen)
    assert sum("sample" in p.notes for p in busy_seen) == 13 and sum("sample" in p.notes for p in calm_seen) == 2
    assert len(result.details["samples"]) == 13


def test_progress_begins_with_a_sample_of_the_untrained_model() -> None:
    seen, result = run(small(validate_every=5))
    assert seen[0].step == 0 and seen[0].metrics == {} and len(seen[0].notes["sample"]["text"]) > 100
    assert [p.step for p in seen] == list(range(13))
    assert [p.step for p in seen if "val_loss" in p.metrics] == [5, 10, 12]
    assert seen[-1].fraction == 1.0 and "sample" in seen[-1].notes
    assert result.history.series("loss")[1] == losses(seen)
    assert all(len(pickle.dumps(p)) < 2000 for p in seen)


def test_the_held_out_tail_is_never_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that stands in the last tenth only: no batch of the training ever holds it."""
    text = "abcdefgh " * 100 + "z" * 100
    fed = []
    right = experiment.Sequential.loss_and_gradient
    monkeypatch.setattr(
        experiment.Sequential, "loss_and_gradient", lambda self, x, y, **o: (fed.append((x, y)), right(self, x, y, **o))[1]
    )
    _, result = run(small(text=text, max_steps=60))
    z = result.details["vocabulary"].encode("z")[0]
    assert len(fed) == 60 and not any((x == z).any() or (y == z).any() for x, y in fed)
    assert result.details["held_out"] == 100
    ids = result.details["vocabulary"].encode(text)
    assert (held_out(ids) == z).all() and len(held_out(ids)) == 100


def test_the_final_figure_is_over_the_whole_tail() -> None:
    config = small()
    _, result = run(config)
    vocabulary, ids = config.encode(config.prepared_text())
    model, tail = result.model, held_out(ids)
    again = model.evaluate(evaluation_batches(tail, len(vocabulary)))
    assert result.metrics["validation loss"] == again
    # the same by hand: one lane, the states carried over the whole tail
    model.reset_states()
    p = model.predict(tail[None, :-1])[0]
    assert again == pytest.approx(-np.log(p[np.arange(len(tail) - 1), tail[1:]]).mean(), abs=1e-5)
    # and what guessing costs: how often each character stands in the rest, plus one
    rest = ids[: len(ids) - len(tail)]
    shares = np.array([(rest == k).sum() + 1 for k in range(len(vocabulary))]) / (len(rest) + len(vocabulary))
    assert result.metrics["loss of guessing by frequency"] == pytest.approx(-np.log(shares[tail]).mean())
    assert config.baselines() == {
        "guessing blindly": math.log(len(vocabulary)),
        "guessing by frequency": result.metrics["loss of guessing by frequency"],
    }


def test_words() -> None:
    seen, result = run(small(level="word", text=TEXT * 3))
    assert isinstance(result.details["vocabulary"], WordVocabulary) and "words per second" in result.metrics
    assert set(seen[-1].notes["sample"]["text"].split()) <= set(result.details["vocabulary"].tokens)
    assert len(seen[-1].notes["sample"]["text"].split()) == 40


# --- how it ends ----------------------------------------------------------------------------------------------------


def test_stop_keeps_what_was_learnt() -> None:
    control = Control()
    steps = small(max_steps=1000).run(control)
    assert [next(steps).step for _ in range(6)] == [0, 1, 2, 3, 4, 5]
    control.stop = True
    rest: list[Progress] = []
    result = drain(steps, rest.append)
    assert [(p.step, p.fraction) for p in rest] == [(6, 1.0)]
    assert result.ended == "stopped" and result.problem is None and result.metrics["steps"] == 6
    assert not np.array_equal(
        result.model.weights_vector, small().build(len(result.details["vocabulary"])).weights_vector
    )
    assert result.metrics["validation loss"] == pytest.approx(result.history.series("val_loss")[1][-1])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("changes", [{"learning_rate": 1e300}, {"learning_rate": 1e300, "max_steps": 1}])
def test_a_diverging_rate_is_a_result_with_the_last_good_weights(changes: dict) -> None:
    _, result = run(small(optimizer="sgd", clip="none", decay="none", **{"max_steps": 50, **changes}))
    assert result.ended == "diverged" and np.isfinite(result.model.weights_vector).all()
    assert "the loss is no longer a finite number" in result.problem and "Try a learning rate below" in result.problem
    assert np.isfinite(result.metrics["validation loss"])
    assert np.isfinite(result.history.series("loss")[1]).all()
    assert len("".join(generate(result.model, result.details["vocabulary"], "the", 20))) == 20


def test_a_checkpoint_goes_on_bit_for_bit() -> None:
    config = small(dropout=0.3, max_steps=30, carry=3, layers=2)
    saved: list[bytes] = []
    seen, whole = run(config, control=Control(save=saved.append, save_every=0.0))
    for at in (1, 11, 28):
        rest, again = run(config, checkpoint=saved[at - 1])
        assert [p.step for p in rest] == list(range(at + 1, 31))
        assert losses(rest) == losses(seen)[at:]
        np.testing.assert_array_equal(again.model.weights_vector, whole.model.weights_vector)
        assert again.history.points == whole.history.points
        assert again.metrics["validation loss"] == whole.metrics["validation loss"]


@pytest.mark.parametrize("level", ["character", "word"])
def test_a_checkpoint_of_another_vocabulary_is_refused(level: str) -> None:
    """As many symbols, of which two stand for something else: the weights fit, and would write nonsense."""
    config = small(level=level, max_steps=3)
    saved: list[bytes] = []
    run(config, control=Control(save=saved.append, save_every=0.0))
    other = dataclasses.replace(config, text=config.text.replace("t", "ŧ"))
    assert len(other.encode(other.prepared_text())[0]) == len(config.encode(config.prepared_text())[0])
    with pytest.raises(ValueError, match=r"^the checkpoint's training had another vocabulary: [^\n]*$"):
        run(other, checkpoint=saved[0])


def test_a_budget_in_epochs() -> None:
    seen, result = run(small(max_steps=None, epochs=0.5, validate_every=1000))
    assert seen[-1].epoch == pytest.approx(0.5, abs=0.05) and result.ended == "finished"


# --- what is handed on ----------------------------------------------------------------------------------------------


def test_the_model_handed_on_carries_no_states() -> None:
    """Whoever gets it can show it any text at once, of any length, and the same text gives the same numbers."""
    _, result = run(small())
    assert all(states is None for states in result.model.get_states())
    result.model.predict(np.zeros((3, 5), int))


def test_a_saved_model_knows_its_vocabulary_and_its_origin(tmp_path) -> None:
    config = small(dropout=0.2)
    _, result = run(config)
    result.model.save(tmp_path / "m.npz")
    model = load_model(tmp_path / "m.npz", lesson="text")
    vocabulary = vocabulary_of(model)
    assert isinstance(vocabulary, CharVocabulary) and vocabulary == result.details["vocabulary"]
    settings = model.metadata["config"]
    assert settings["text"] is None  # nobody's own text leaves in a model file
    assert TextGeneration(**{**settings, "text": TEXT}) == config
    assert model.metadata["metrics"] == result.metrics and model.metadata["level"] == "character"
    one, two = ("".join(generate(m, vocabulary, "the ", 60, seed=1)) for m in (model, result.model))
    assert one == two
    assert TEXT[:60] not in str(model.metadata)


def test_a_vocabulary_that_does_not_fit_is_refused() -> None:
    _, result = run(small())
    for vocabulary, words in (
        (CharVocabulary.from_text("abc").to_dict(), "symbols and its vocabulary has 3"),
        (None, "vocabulary must be a dict, got NoneType"),
        ({"kind": "characters", "tokens": ["a", "a"]}, "vocabulary tokens must be distinct"),
    ):
        result.model.metadata["vocabulary"] = vocabulary
        model = load_model(storage.model_bytes(result.model))
        with pytest.raises(ValueError, match=words):
            vocabulary_of(model)
    unbuilt = experiment.Sequential()
    unbuilt.metadata = {"vocabulary": CharVocabulary.from_text("abc").to_dict()}
    with pytest.raises(ValueError, match="the model predicts 0 symbols and its vocabulary has 3"):
        vocabulary_of(unbuilt)


def test_configs_and_results_can_be_sent_to_another_process() -> None:
    config = small()
    assert pickle.loads(pickle.dumps(config)) == config and hash(config) == hash(small())
    _, result = run(config)
    twin = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(twin.model.weights_vector, result.model.weights_vector)
    assert twin.metrics == result.metrics and twin.history.points == result.history.points
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.units = 5


@pytest.mark.parametrize(("cell", "kind"), [("lstm", "LSTM"), ("gru", "GRU"), ("simple_rnn", "SimpleRNN")])
def test_the_cell_is_a_setting(cell, kind):
    config = TextGeneration(cell=cell, units=4)
    assert [type(layer).__name__ for layer in config.build(7).layers] == ["OneHot", kind, "Dense"]
    with pytest.raises(ValueError, match=r"^cell must be one of lstm, gru, simple_rnn, got 'tcn'$"):
        TextGeneration(cell="tcn")
