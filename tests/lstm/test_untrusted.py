"""What strangers' files may cost, measured; and the net for whatever nobody has thought of."""

from __future__ import annotations

import io
import json
import logging
import math
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm import LSTM, Dense, Sequential, load_model, storage
from lstm.lessons.digits import reader as digits
from lstm.lessons.forecast.forecaster import forecaster_of, remembered
from lstm.lessons.memory.tasks import task_of
from lstm.lessons.reading import reader as reading
from lstm.lessons.text.experiment import vocabulary_of
from lstm.untrusted import FREE, RATIO, Oversized, most_unpacked, one_sentence, read_member
from tests.hostile import cost


def test_a_file_may_unpack_to_a_multiple_of_itself_and_no_more() -> None:
    assert most_unpacked(0, 10**9) == FREE and most_unpacked(10**6, 10**9) == FREE + RATIO * 10**6
    assert most_unpacked(10**9, 10**8) == 10**8


def test_a_member_is_unpacked_no_further_than_it_may_be() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1000))
    with zipfile.ZipFile(file) as archive:
        [member] = archive.infolist()
        assert read_member(archive, member, 1000) == bytes(1000)
        for declared in (1000, 10):  # what it says of its size need not be true
            member.file_size = declared
            with pytest.raises((Oversized, zipfile.BadZipFile)):
                read_member(archive, member, 999 if declared == 1000 else 5)


@pytest.mark.parametrize("error", [KeyError("a"), RecursionError(), AttributeError("x"), ZeroDivisionError()])
def test_what_nobody_thought_of_becomes_the_sentence_and_the_log_has_the_rest(error, caplog) -> None:
    caught = pytest.raises(ValueError, match=r"^the file is damaged$")
    with caplog.at_level(logging.WARNING), caught, one_sentence("the file is damaged"):
        raise error
    assert type(error).__name__ in caplog.text
    for fine in (ValueError("a sentence"), OSError("another")):
        with pytest.raises(type(fine), match="a"), one_sentence("the file is damaged"):
            raise fine
    with pytest.raises(ValueError, match="the file is damaged: there is not enough memory for it"), one_sentence("the file is damaged"):
        raise MemoryError


@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is asked of resource")
def test_a_small_model_file_of_a_huge_network_of_zeros_costs_no_more_than_a_multiple_of_itself(tmp_path) -> None:
    model = Sequential([LSTM(2), Dense(1)])
    model.build((None, None, 3))
    config = json.loads(np.load(io.BytesIO(storage.model_bytes(model)))["config"].tobytes())
    units = 4_000
    config["layers"][0]["units"] = units
    config["input_shape"] = [None, None, 1]
    file = io.BytesIO()
    shapes = [(1, 4 * units), (units, 4 * units), (4 * units,), (units, 1), (1,)]
    np.savez_compressed(
        file, config=np.frombuffer(json.dumps(config).encode(), np.uint8),
        **{f"weight_{k:03d}": np.zeros(shape, np.float32) for k, shape in enumerate(shapes)},
    )  # fmt: skip
    path = tmp_path / "zeros.npz"
    path.write_bytes(file.getvalue())
    assert path.stat().st_size < 300_000 < 256e6 < 4 * sum(np.prod(shape) for shape in shapes)
    size, said = cost(path, "from lstm import load_model", "load_model(data)")
    assert "the model file is refused: it unpacks to more than" in said
    assert size < 40e6


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from([10**30, -1, 1e308, math.inf, math.nan, "LSTM", "given"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def _places(value, path=()):
    """Every place in JSON where something else may stand."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ():
        yield from _places(inner, (*path, key))


@pytest.mark.parametrize("lesson", ["text", "digits", "forecast", "topics", "sentiment", "memory"])
@given(data=st.data())
@settings(max_examples=40)
def test_whatever_the_metadata_of_a_lessons_model_say_it_is_read_or_refused_in_a_sentence(lesson, data) -> None:
    model = load_model(f"data/pretrained/{lesson}.npz")
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in _places(model.metadata) if path]))
        inner = model.metadata
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = data.draw(STRANGE)
    for read in (vocabulary_of, digits.reader_of, forecaster_of, remembered, reading.reader_of, task_of):
        try:
            read(model)
        except ValueError as error:
            assert "\n" not in str(error) and len(str(error)) < 300
