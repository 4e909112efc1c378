"""The fast kernels compute what `cell.py` says, for any shape, mask and initial state, and never share a number.

The reference below takes each sequence by itself, without its masked steps, through `cell.unroll`, and back through
`cell.backward` one step at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm import LSTM, SimpleRNN, cell
from lstm.packing import PackedSequence, Packing
from lstm.recurrent import Recurrent

TIGHT = {"rtol": 1e-10, "atol": 1e-12}


@dataclass
class Case:
    """One batch for one layer, and what arrives from above in the backward pass."""

    x: np.ndarray  # (batch, time, features)
    mask: np.ndarray  # (batch, time)
    initial: list[np.ndarray] | None  # each (batch, units)
    d_out: np.ndarray  # (batch, time, units), ∂loss/∂ each output
    d_final: list[np.ndarray]  # ∂loss/∂ the final states
    weights: list[np.ndarray]

    @property
    def packing(self) -> Packing:
        return Packing.from_mask(self.mask)


def make_case(kind, batch, time, features, units, mask, states, seed, scale=0.7) -> Case:
    rng = np.random.default_rng(seed)
    gates = 4 if kind is LSTM else 1
    weights = [
        rng.normal(size=s, scale=scale) for s in ((features, gates * units), (units, gates * units), (gates * units,))
    ]
    return Case(
        x=rng.normal(size=(batch, time, features)),
        mask=mask,
        initial=[rng.normal(size=(batch, units)) for _ in range(kind.states)] if states else None,
        d_out=rng.normal(size=(batch, time, units)),
        d_final=[rng.normal(size=(batch, units)) for _ in range(kind.states)],
        weights=weights,
    )


@st.composite
def cases(draw, kind) -> Case:
    batch, time = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    return make_case(
        kind, batch, time, draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(masks(batch, time)),
        draw(st.booleans()), draw(st.integers(0, 2**32 - 1)),
    )  # fmt: skip


@st.composite
def masks(draw, batch: int, time: int) -> np.ndarray:
    """Nothing masked, padding behind, in front, anywhere; and often a row that is nothing but padding."""
    where = draw(st.sampled_from(["nowhere", "behind", "in front", "anywhere", "a whole row"]))
    if where == "anywhere":
        return np.array(
            draw(st.lists(st.lists(st.booleans(), min_size=time, max_size=time), min_size=batch, max_size=batch))
        )
    lengths = np.array([time if where == "nowhere" else draw(st.integers(0, time)) for _ in range(batch)])
    if where == "a whole row":
        lengths[draw(st.integers(0, batch - 1))] = 0
    mask = np.arange(time) < lengths[:, None]
    return mask[:, ::-1] if where == "in front" else mask


def make_layer(kind, case: Case, return_sequences: bool, dtype="float64", **options) -> Recurrent:
    layer = kind(case.d_out.shape[2], return_sequences=return_sequences, return_state=True, **options)
    layer.build(case.x.shape, np.random.default_rng(0), dtype)
    layer.set_weights(case.weights)
    return layer


# --- the reference --------------------------------------------------------------------------------------------------


def lstm_reference(case: Case) -> dict[str, np.ndarray]:
    """Every output and gradient, sequence by sequence, with `cell.py` alone. Outputs stay 0 until a first step."""
    kernel, recurrent, bias = case.weights
    batch, time, _ = case.x.shape
    units = case.d_out.shape[2]
    out = {name: np.zeros((batch, time, units)) for name in ("h", "c", "i", "f", "g", "o")}
    grads = [np.zeros_like(w) for w in case.weights]
    dx = np.zeros_like(case.x)
    d_initial = [np.zeros((batch, units)) for _ in range(2)]
    final = [np.zeros((batch, units)) for _ in range(2)]
    for b in range(batch):
        h0, c0 = (s[b : b + 1] for s in case.initial) if case.initial else (np.zeros((1, units)), np.zeros((1, units)))
        places = np.flatnonzero(case.mask[b])
        steps = cell.unroll(case.x[b, places][:, None], kernel, recurrent, bias, h0, c0)
        final[0][b], final[1][b] = (steps[-1].h[0], steps[-1].c[0]) if steps else (h0[0], c0[0])
        for t, step in zip(places, steps):
            for name in out:
                out[name][b, t:] = getattr(step, name)[0]  # a masked step repeats the one before it
        dh, dc = case.d_final[0][b : b + 1], case.d_final[1][b : b + 1]
        for t, step in zip(places[::-1], steps[::-1]):
            back = cell.backward(step, dh + case.d_out[b, t], dc, kernel, recurrent)
            dh, dc, dx[b, t] = back.h_prev, back.c_prev, back.x[0]
            for total, part in zip(grads, (back.kernel, back.recurrent_kernel, back.bias)):
                total += part
        d_initial[0][b], d_initial[1][b] = dh[0], dc[0]
    return {**out, "final": final, "grads": grads, "dx": dx, "d_initial": d_initial}


def rnn_reference(case: Case) -> dict[str, np.ndarray]:
    """h = tanh(x W + h₋₁ U + b), and back, sequence by sequence."""
    kernel, recurrent, bias = case.weights
    h = np.zeros_like(case.d_out)
    grads, dx = [np.zeros_like(w) for w in case.weights], np.zeros_like(case.x)
    final, d_initial = np.zeros_like(case.d_final[0]), np.zeros_like(case.d_final[0])
    for b in range(len(case.x)):
        state = case.initial[0][b] if case.initial else np.zeros(h.shape[2])
        places, before = np.flatnonzero(case.mask[b]), []
        for t in places:
            before.append(state)
            state = np.tanh(case.x[b, t] @ kernel + state @ recurrent + bias)
            h[b, t:] = state
        final[b] = state
        dh = case.d_final[0][b]
        for t, h_prev in zip(places[::-1], before[::-1]):
            dz = (dh + case.d_out[b, t]) * (1 - h[b, t] ** 2)
            dx[b, t], dh = kernel @ dz, recurrent @ dz
            for total, part in zip(grads, (np.outer(case.x[b, t], dz), np.outer(h_prev, dz), dz)):
                total += part
        d_initial[b] = dh
    return {"h": h, "final": [final], "grads": grads, "dx": dx, "d_initial": [d_initial]}


REFERENCE = {LSTM: lstm_reference, SimpleRNN: rnn_reference}


def run_layer(layer: Recurrent, case: Case) -> dict[str, np.ndarray]:
    """The same from the layer: forward keeping everything, and backward."""
    packing = case.packing
    sequence = PackedSequence(packing.pack(case.x), packing)
    out, cache, [final] = layer.forward_with_states(sequence, True, None, [case.initial])
    h = packing.unpack(out.values) if isinstance(out, PackedSequence) else out.copy()
    above = packing.pack(case.d_out) if layer.return_sequences else case.d_out[:, -1]
    dx, d_initial = layer.backward_with_states(cache, above, True, case.d_final)
    dx = packing.unpack_gradient(dx)
    return {"h": h, "final": final, "dx": dx, "grads": layer.get_gradients(), "d_initial": d_initial}


def compare(found: dict, expected: dict, names=("h", "final", "dx", "grads", "d_initial"), **tolerance) -> None:
    for name in names:
        for one, other in zip(
            np.atleast_1d(found[name]) if isinstance(found[name], np.ndarray) else found[name], expected[name]
        ):
            np.testing.assert_allclose(one, other, err_msg=name, **(tolerance or TIGHT))


# --- equal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_kernel_is_cell(kind) -> None:
    @given(case=cases(kind))
    def every_step(case: Case) -> None:
        compare(run_layer(make_layer(kind, case, True), case), REFERENCE[kind](case))

    @given(case=cases(kind))
    def last_step(case: Case) -> None:
        # The last output is the final h: its gradient is one more that arrives there.
        found = run_layer(make_layer(kind, case, False), case)
        alone = Case(**{**vars(case), "d_out": np.zeros_like(case.d_out)})
        alone.d_final = [case.d_final[0] + case.d_out[:, -1], *case.d_final[1:]]
        expected = REFERENCE[kind](alone)
        compare(found, {**expected, "h": expected["final"][0]})

    every_step()
    last_step()


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
@pytest.mark.parametrize(
    ("batch", "time", "features", "units"),
    [(70, 12, 3, 64), (36, 3, 2, 176), (3, 40, 1, 33), (9, 2, 5, 352)],
    ids=["several chunks", "products in blocks", "one feature", "wide"],
)
def test_kernel_is_cell_at_sizes_where_work_is_cut_up(kind, batch, time, features, units) -> None:
    lengths = np.random.default_rng(0).integers(0, time + 1, batch)
    for mask in (np.ones((batch, time), bool), np.arange(time) < lengths[:, None]):
        case = make_case(kind, batch, time, features, units, mask, True, 1, scale=1 / np.sqrt(units))
        expected = REFERENCE[kind](case)
        layer = make_layer(kind, case, True)
        compare(run_layer(layer, case), expected, rtol=1e-9, atol=1e-10)
        compare(infer(layer, case), expected, ("h", "final"), rtol=1e-9, atol=1e-11)


def infer(layer: Recurrent, case: Case) -> dict[str, np.ndarray]:
    packing = case.packing
    sequence = PackedSequence(packing.pack(case.x), packing)
    out, cache, [final] = layer.forward_with_states(sequence, False, None, [case.initial])
    assert cache is None
    return {"h": packing.unpack(out.values) if isinstance(out, PackedSequence) else out, "final": final}


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_inference_is_the_forward_pass(kind) -> None:
    @given(case=cases(kind), sequences=st.booleans())
    def same(case: Case, sequences: bool) -> None:
        layer = make_layer(kind, case, sequences)
        expected = REFERENCE[kind](case)
        compare(infer(layer, case), {**expected, **({} if sequences else {"h": expected["final"][0]})}, ("h", "final"))

    same()


def relu_steps(case: Case, b: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sequence b with max(0, ·) for the candidate and the cell's output: h of each place, final h, final c."""
    kernel, recurrent, bias = case.weights
    units = case.d_out.shape[2]
    h, c = (s[b] for s in case.initial) if case.initial else (np.zeros(units), np.zeros(units))
    out = np.zeros(case.d_out.shape[1:])
    for t in np.flatnonzero(case.mask[b]):
        i, f, g, o = np.split(case.x[b, t] @ kernel + h @ recurrent + bias, 4)
        c = cell.sigmoid(f) * c + cell.sigmoid(i) * np.maximum(g, 0)
        h = cell.sigmoid(o) * np.maximum(c, 0)
        out[t:] = h
    return out, h, c


@given(case=cases(LSTM))
def test_relu_variant(case: Case) -> None:
    layer = make_layer(LSTM, case, True, activation="relu")
    found, lean = run_layer(layer, case), infer(layer, case)
    for b in range(len(case.x)):
        for one in (found, lean):
            for got, expected in zip((one["h"][b], one["final"][0][b], one["final"][1][b]), relu_steps(case, b)):
                np.testing.assert_allclose(got, expected, **TIGHT)


@pytest.mark.parametrize("depth", [2, 30, 400], ids=["hit often", "hit seldom", "large"])
@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_one_hot_input_is_looked_up_not_multiplied(kind, depth: int) -> None:
    rng = np.random.default_rng(0)
    ids, mask = rng.integers(0, depth, (4, 6)), rng.random((4, 6)) > 0.3
    case = make_case(kind, 4, 6, depth, 3, mask, True, 1)
    case.x = np.eye(depth)[ids]
    expected, layer, packing = REFERENCE[kind](case), make_layer(kind, case, True), case.packing
    sequence = PackedSequence(packing.pack(ids), packing, depth)
    out, cache, _ = layer.forward_with_states(sequence, True, None, [case.initial])
    h = packing.unpack(out.values)
    dx, d_initial = layer.backward_with_states(cache, packing.pack(case.d_out), True, case.d_final)
    assert dx is None  # no gradient for a symbol
    found = {"h": h, "grads": layer.get_gradients(), "d_initial": d_initial}
    compare(found, expected, ("h", "grads", "d_initial"))


@given(case=cases(LSTM))
def test_the_trace_shows_every_number_of_the_cell(case: Case) -> None:
    layer, packing = make_layer(LSTM, case, True), case.packing
    _, cache, _ = layer.forward_with_states(PackedSequence(packing.pack(case.x), packing), True, None, [case.initial])
    [inside], expected = layer.trace(cache), lstm_reference(case)
    assert set(inside) == {"h", "c", "i", "f", "g", "o"}
    for name, values in inside.items():
        np.testing.assert_allclose(values, expected[name], err_msg=name, **TIGHT)


def test_called_on_its_own_as_in_keras() -> None:
    rng = np.random.default_rng(0)
    case = make_case(LSTM, 3, 5, 2, 4, rng.random((3, 5)) > 0.4, True, 2)
    expected = lstm_reference(case)
    layer = make_layer(LSTM, case, True)
    out, h, c = layer(case.x, mask=case.mask, initial_state=case.initial)
    np.testing.assert_allclose(out, expected["h"], **TIGHT)
    np.testing.assert_allclose(h, expected["final"][0], **TIGHT)
    np.testing.assert_allclose(c, expected["final"][1], **TIGHT)
    fresh = LSTM(4)
    assert fresh(case.x).shape == (3, 4) and fresh.get_weights()[0].shape == (2, 16)


# --- workspaces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_two_passes_under_way_at_once(kind) -> None:
    """Forward, forward, backward, backward through one layer: each as if the other had not been."""
    rng = np.random.default_rng(0)
    one, two = (make_case(kind, 4, 5, 3, 6, rng.random((4, 5)) > 0.3, True, seed) for seed in (1, 2))
    two.weights = one.weights
    layer = make_layer(kind, one, True)
    caches = []
    for case in (one, two):
        packing = case.packing
        sequence = PackedSequence(packing.pack(case.x), packing)
        caches.append(layer.forward_with_states(sequence, True, None, [case.initial])[1])
    for case, cache in zip((one, two), caches):
        packing = case.packing
        dx, _ = layer.backward_with_states(cache, packing.pack(case.d_out), True, case.d_final)
        dx = packing.unpack_gradient(dx)
        compare({"dx": dx, "grads": layer.get_gradients()}, REFERENCE[kind](case), ("dx", "grads"))


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_a_cache_serves_one_backward_pass(kind) -> None:
    """A second one would find its numbers overwritten, and give one workspace back twice."""
    case = make_case(kind, 3, 4, 2, 3, np.ones((3, 4), bool), False, 1)
    layer, packing = make_layer(kind, case, True), case.packing
    _, cache = layer.forward(PackedSequence(packing.pack(case.x), packing), True, None)
    layer.backward(cache, packing.pack(case.d_out))
    with pytest.raises(ValueError, match="a cache serves one backward pass, and this one has had it"):
        layer.backward(cache, packing.pack(case.d_out))
    assert len(layer._free) == 1


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_what_a_larger_batch_left_in_the_buffers_is_never_read(kind) -> None:
    rng = np.random.default_rng(0)
    weights = None
    layer = None
    for batch, time in ((6, 9), (2, 3), (5, 1), (1, 9), (6, 9)):
        for states in (True, False):
            case = make_case(kind, batch, time, 2, 3, rng.random((batch, time)) > 0.3, states, batch * time)
            weights = case.weights = weights or case.weights
            layer = layer or make_layer(kind, case, True)
            compare(run_layer(layer, case), REFERENCE[kind](case))
            for work in layer._free:
                for buffer in work._buffers.values():
                    buffer[...] = np.nan  # whoever reads what it did not write will show it


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
@pytest.mark.parametrize("shape", [(1, 5), (4, 1), (1, 1), (3, 4)])
def test_what_was_handed_out_stays_as_it_was(kind, shape) -> None:
    """Outputs, states and traces are the caller's: a later pass through the same layer does not change them."""
    case, later = (make_case(kind, *shape, 2, 3, np.ones(shape, bool), False, seed) for seed in (0, 1))
    later.weights = case.weights
    for sequences in (True, False):
        layer, packing = make_layer(kind, case, sequences), case.packing
        _, cache = layer.forward(PackedSequence(packing.pack(case.x), packing), True, None)
        handed_out = [*layer.trace(cache)[0].values(), *layer(case.x), *run_layer(layer, case)["final"]]
        copies = [a.copy() for a in handed_out]
        run_layer(layer, later)
        layer(later.x)
        for now, then in zip(handed_out, copies):
            np.testing.assert_array_equal(now, then)
        assert not any(np.shares_memory(a, b) for k, a in enumerate(handed_out) for b in handed_out[:k])


def test_inputs_states_and_incoming_gradients_are_never_written_to() -> None:
    rng = np.random.default_rng(0)
    for mask in (np.ones((1, 4), bool), rng.random((3, 4)) > 0.4):
        case = make_case(LSTM, len(mask), 4, 2, 3, mask, True, 0)
        copies = [a.copy() for a in (case.x, *case.initial, case.d_out, *case.d_final)]
        layer = make_layer(LSTM, case, True)
        run_layer(layer, case)
        infer(layer, case)
        for now, then in zip((case.x, *case.initial, case.d_out, *case.d_final), copies):
            np.testing.assert_array_equal(now, then)
