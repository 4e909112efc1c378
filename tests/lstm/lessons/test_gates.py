"""The scalar cell against arithmetic done by hand."""

from dataclasses import replace
from math import exp, inf, nan, tanh

import pytest

from lstm.cell import GATES
from lstm.lessons.gates import MAX_STEPS, PRESETS, GateWeights, ScalarCell, gate_table
from tests.scalar import with_weight


def sigma(z):
    return 1 / (1 + exp(-z))


def test_three_numbers_step_one_by_hand():
    first = PRESETS["Three numbers"].run()[0]
    # x = 10, h₀ = C₀ = 0, biases 0, so z = W·10:
    #   z_f = .4·10 = 4   f = 1/(1+e⁻⁴) = .98201
    #   z_i = .5·10 = 5   i = 1/(1+e⁻⁵) = .99331
    #   z_g = .6·10 = 6   C̃ = tanh 6   = .99999
    #   z_o = .7·10 = 7   o = 1/(1+e⁻⁷) = .99909
    # C = .98201·0 + .99331·.99999 = .99330      h = .99909·tanh(.99330) = .99909·.75878 = .75809
    assert (first.z_f, first.z_i, first.z_g, first.z_o) == pytest.approx((4, 5, 6, 7))
    assert (first.f, first.i, first.g, first.o) == pytest.approx((0.98201, 0.99331, 0.99999, 0.99909), abs=5e-6)
    assert first.kept == 0
    assert first.written == first.c == pytest.approx(0.99331 * 0.99999, abs=1e-5)
    assert first.h == pytest.approx(0.99909 * tanh(0.99330), abs=1e-5)


def test_three_numbers_shows_the_published_figures_to_three_decimals():
    steps = PRESETS["Three numbers"].run()

    def shown(name):
        return [f"{getattr(step, name):.3f}" for step in steps]

    # Step 2: z_f = .4·20 + .1·.758 = 8.076 → f .99969; C = .99969·.99330 + .99996·1 = 1.993; h = tanh(1.993)·1 = .964
    # Step 3: z_f = .4·30 + .1·.964 = 12.096 → f .99999; C = .99999·1.993 + 1 = 2.993; h = tanh(2.993) = .995
    assert shown("f") == ["0.982", "1.000", "1.000"]
    assert shown("i") == ["0.993", "1.000", "1.000"]
    assert shown("g") == ["1.000", "1.000", "1.000"]
    assert shown("o") == ["0.999", "1.000", "1.000"]
    assert shown("c") == ["0.993", "1.993", "2.993"]
    assert shown("h") == ["0.758", "0.964", "0.995"]
    assert shown("prediction")[-1] == "2.985"  # 3 · .99500


def test_the_scaled_preset_keeps_the_weights_and_lets_the_gates_move():
    raw, scaled = PRESETS["Three numbers"], PRESETS["Three numbers, scaled"]
    assert raw.cell == scaled.cell
    assert scaled.xs == tuple(x / 10 for x in raw.xs)

    def swing(setting, gate):
        values = [getattr(step, gate) for step in setting.run()]
        return max(values) - min(values)

    for gate in GATES:
        assert swing(raw, gate) < 0.02 < 0.15 < swing(scaled, gate)
    # Scaled, step 1: z_f = .4·1 = .4 → f = .59869
    assert scaled.run()[0].f == pytest.approx(sigma(0.4))


def test_u_weights_the_hidden_state_of_the_step_before():
    zero = GateWeights(0, 0, 0)
    cell = ScalarCell(i=zero, f=GateWeights(0, 2, 1), g=GateWeights(1, 0, 0), o=zero)
    first, second = cell.run([3.0, 0.0], h0=0.5, c0=2.0)
    # f₁ = σ(2·.5 + 1) = σ(2); i = o = σ(0) = .5; C̃₁ = tanh 3
    assert first.f == pytest.approx(sigma(2))
    assert first.c == pytest.approx(sigma(2) * 2 + 0.5 * tanh(3))
    assert first.h == pytest.approx(0.5 * tanh(first.c))
    assert second.z_f == pytest.approx(2 * first.h + 1)
    assert (second.h_prev, second.c_prev) == (first.h, first.c)


def test_c0_left_is_the_product_of_the_forget_gates():
    steps = PRESETS["Three numbers, scaled"].run()
    product = 1.0
    for step in steps:
        product *= step.f
        assert step.c0_left == pytest.approx(product)
    # It is indeed the share of C₀: with all else equal, C_T rises by that share of what C₀ rises by, as long as
    # h does not feed back into the gates (U = 0).
    cell = ScalarCell(GateWeights(1, 0), GateWeights(-1, 0), GateWeights(1, 0), GateWeights(1, 0))
    low, high = cell.run([1, 2, 3], c0=0.0), cell.run([1, 2, 3], c0=1.0)
    assert high[-1].c - low[-1].c == pytest.approx(high[-1].c0_left)


def test_a_clamped_gate_holds_and_the_ghost_does_not():
    setting = replace(PRESETS["Three numbers, scaled"], clamp={"f": 0.0})
    held, ghost = setting.run(), setting.run_unclamped()
    assert [step.f for step in held] == [0, 0, 0]
    assert held[2].c == held[2].written  # nothing of the past is kept
    assert ghost == PRESETS["Three numbers, scaled"].run()


def test_the_latch_remembers_until_it_is_erased_and_the_trace_fades():
    latch = [step.c for step in PRESETS["A latch"].run()]
    assert min(latch[:5]) > 0.9 and max(abs(c) for c in latch[5:]) < 0.1
    trace = [step.c for step in PRESETS["A fading trace"].run()]
    # f = σ(.5) = .622 at every step: seven steps later .622⁷ = .036 of the pulse is left
    assert trace[7] / trace[0] == pytest.approx(sigma(0.5) ** 7, abs=0.01)


def test_gate_table_has_a_column_for_every_number():
    table = gate_table(PRESETS["A latch"].run())
    assert list(table)[:4] == ["t", "x", "h_prev", "c_prev"] and table["t"] == list(range(1, 9))
    assert {len(column) for column in table.values()} == {8}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"xs": ()}, f"xs must have 1 to {MAX_STEPS} time steps, got 0"),
        ({"xs": (1.0,) * 10_000}, f"xs must have 1 to {MAX_STEPS} time steps, got 10000"),
        ({"xs": (1.0, nan)}, "input of step 2 must be a finite number, got nan"),
        ({"xs": (1e9,)}, "input of step 1 must be between -100 and 100, got 1e\\+09"),
        ({"h0": 2.0}, "h0 must be between -1 and 1, got 2"),
        ({"c0": -inf}, "c0 must be a finite number, got -inf"),
        ({"c0": "1"}, "c0 must be a finite number, got 1"),
        ({"clamp": {"f": 0.5}}, "clamp holds one of the gates i, f, g, o at 0 or 1, got f at 0.5"),
        ({"clamp": {"q": 1}}, "clamp holds one of the gates i, f, g, o at 0 or 1, got q at 1"),
    ],
)
def test_a_setting_refuses_what_no_control_could_send(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(PRESETS["Three numbers"], **change)


def test_a_weight_out_of_range_is_named():
    with pytest.raises(ValueError, match="U of gate f must be between -5 and 5, got 9"):
        with_weight(PRESETS["Three numbers"], "f", "U", 9.0)
    with pytest.raises(ValueError, match="output must be between -10 and 10, got 11"):
        replace(PRESETS["A latch"], cell=replace(PRESETS["A latch"].cell, output=11.0))
