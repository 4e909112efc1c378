"""Every gradient of the package against central differences; and that a wrong one does not get past."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lstm import LSTM, gradcheck, kernels, layers
from lstm.recurrent import Recurrent

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checks() -> list[gradcheck.Check]:
    return list(gradcheck.all_checks())


def test_every_gradient_is_right(checks) -> None:
    assert gradcheck.TOLERANCE <= 1e-6
    wrong = [c.describe() for c in checks if not c.error <= 1e-6]
    assert not wrong, "\n".join(wrong)


def test_what_is_checked(checks) -> None:
    cases = {c.case for c in checks}
    words = "LSTM SimpleRNN GRU MinLSTM SelfAttention relu stacked masked stateful Embedding Dropout regression Bidirectional"
    for word in words.split():
        assert any(word in case for case in cases), word
    names = {(c.case.split(",")[0], c.name) for c in checks}
    for layer in ("LSTM sequences", "LSTM last step", "LSTM relu sequences", "SimpleRNN last step", "GRU sequences", "MinLSTM sequences"):
        for name in ("kernel", "recurrent_kernel", "bias", "input", "initial h"):
            assert (layer, name) in names or (layer.startswith("Min") and name == "recurrent_kernel")
    assert ("LSTM sequences", "initial c") in names
    # a gradient that is zero everywhere would agree with anything
    assert all(np.abs(c.analytic).max() > 1e-6 for c in checks)


def test_the_table_and_the_exit_code(monkeypatch: pytest.MonkeyPatch, checks) -> None:
    lines: list[str] = []
    monkeypatch.setattr(gradcheck, "all_checks", lambda: iter(checks))
    assert gradcheck.main(lines.append) == 0
    assert len(lines) == len(checks) + 3
    assert "all within 1e-06" in lines[-1]
    assert f"{len(checks)} arrays" in lines[-2]


def drop_tanh_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    right = layers.activation_gradient
    wrong = lambda name, y, grad: grad if name == "tanh" else right(name, y, grad)  # noqa: E731
    monkeypatch.setattr(layers, "activation_gradient", wrong)


def drop_bias_of_one_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kernels.project_gradients

    def wrong(x, dz, dkernel, dbias):
        right(x, dz, dkernel, dbias)
        dbias[-1] *= 0.999  # one gate, one part in a thousand

    monkeypatch.setattr(kernels, "project_gradients", wrong)


def forget_an_input_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kernels.input_gradient

    def wrong(dz, kernel):
        return right(dz[:-1], kernel[:-1]) if len(dz) == 4 else right(dz, kernel)

    monkeypatch.setattr(kernels, "input_gradient", wrong)


def truncate_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose a hundredth of what arrives from the step after: the classical slip in back-propagation through time."""
    right = Recurrent.backward_with_states

    def wrong(self, cache, grad, need_input=True, state_grads=None):
        found = right(self, cache, grad, need_input, state_grads)
        if isinstance(self, LSTM):
            self.grads["recurrent_kernel"] *= 0.99
        return found

    monkeypatch.setattr(Recurrent, "backward_with_states", wrong)


def lose_the_initial_state(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Recurrent.backward_with_states

    def wrong(self, cache, grad, need_input=True, state_grads=None):
        dx, initial = right(self, cache, grad, need_input, state_grads)
        return dx, initial and [*initial[:-1], np.zeros_like(initial[-1])]

    monkeypatch.setattr(Recurrent, "backward_with_states", wrong)


@pytest.mark.parametrize(
    ("breakage", "named"),
    [
        (drop_tanh_slope, "dense"),
        (drop_bias_of_one_gate, "bias"),
        (forget_an_input_gate, "input"),
        (truncate_time, "recurrent_kernel"),
        (lose_the_initial_state, "initial"),
    ],
)
def test_a_gradient_broken_on_purpose_is_found(monkeypatch: pytest.MonkeyPatch, breakage, named: str) -> None:
    breakage(monkeypatch)
    lines: list[str] = []
    assert gradcheck.main(lines.append) == 1
    wrong = [line for line in lines if "WRONG" in line]
    assert any(named in line.split("\n")[0] for line in wrong)
    assert f"{len(wrong)} wrong (tolerance 1e-06)" in lines[-1]
    # analytic and numeric stand side by side, the furthest apart first
    pairs = wrong[0].split("\n")[1:]
    assert pairs and all("analytic" in pair and "numeric" in pair for pair in pairs)


def test_a_failure_shows_both_numbers() -> None:
    check = gradcheck.Check("case", "kernel", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.5], [3.0, 4.1]]))
    # ‖(0, −½, 0, −0.1)‖ / (‖analytic‖ + ‖numeric‖)
    assert check.error == pytest.approx(np.sqrt(0.26) / (np.sqrt(30) + np.sqrt(1 + 6.25 + 9 + 16.81)))
    assert not check.passed
    first, second = check.describe().split("\n")[1:3]
    assert "element (0, 1):" in first and "element (1, 1):" in second
    assert "2.000000000e+00" in first and "2.500000000e+00" in first
    assert "4.000000000e+00" in second and "4.100000000e+00" in second


def test_a_gradient_that_is_not_a_number_is_wrong() -> None:
    for strange in (np.nan, np.inf):
        check = gradcheck.Check("case", "bias", np.array([strange, 1.0]), np.array([1.0, 1.0]))
        assert not check.passed
        assert "WRONG" in check.describe()
    assert gradcheck.Check("case", "bias", np.zeros(2), np.zeros(2)).passed


def test_numeric_gradient_by_hand_puts_everything_back() -> None:
    w = np.array([[1.0, -2.0]])
    # ∂(w₀² + 3 w₀ w₁)/∂w = (2 w₀ + 3 w₁, 3 w₀) = (−4, 3)
    slope = gradcheck.numeric_gradient(lambda: float(w[0, 0] ** 2 + 3 * w[0, 0] * w[0, 1]), w)
    np.testing.assert_allclose(slope, [[-4.0, 3.0]], rtol=1e-9)
    assert w.tolist() == [[1.0, -2.0]]


BREAK = """
import sys
from lstm import kernels, gradcheck
right = kernels.project_gradients
def wrong(x, dz, dkernel, dbias):
    right(x, dz, dkernel, dbias)
    dkernel *= 1.001
if "break" in sys.argv:
    sys.argv.remove("break")
    kernels.project_gradients = wrong
import runpy
sys.argv = ["lstm", "gradcheck"]
runpy.run_module("lstm", run_name="__main__")
"""


@pytest.mark.parametrize(("argument", "code"), [((), 0), (("break",), 1)])
def test_the_command_exits_with_1_when_a_gradient_is_wrong(argument, code) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", BREAK, *argument], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}, encoding="utf-8",
    )  # fmt: skip
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ("WRONG" in ran.stdout) == bool(code)


@pytest.mark.parametrize("layer", ["LSTM", "SimpleRNN", "Dense", "Embedding"])
def test_the_error_has_the_form_of_a_v(layer):
    model, x, y = gradcheck.small_model(layer)
    name = next(iter(model.layers[0].params))
    errors = [check.error for check in gradcheck.by_epsilon(model, x, y, name, (1e-1, 1e-5, 1e-12))]
    assert errors[1] < 1e-8 < min(errors[0], errors[2])
    with pytest.raises(ValueError, match=r"^layer must be one of LSTM, SimpleRNN, Dense, Embedding, got 'GRU'$"):
        gradcheck.small_model("GRU")
