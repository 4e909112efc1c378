"""What each line of the reader's cell should give, what people write instead, and the sentence that says so.

Every name is judged by the values that the reader's own earlier lines gave: a wrong c does not make h wrong. A value that
is wrong is compared with what it would be under each mistake that people make; where none fits, the judge looks for what
the wrong numbers have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lstm.cell import GATES, sigmoid

Value = Callable[[SimpleNamespace], np.ndarray]
Env = SimpleNamespace
"""The arguments of one call and the values that the reader's lines gave, by name."""
GATE = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}


@dataclass(frozen=True)
class Rule:
    """One name: what it needs, what it should be, and the mistakes with their sentences."""

    name: str
    needs: tuple[str, ...]
    right: Value
    mistakes: tuple[tuple[Value, str], ...] = ()


def close(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Which numbers are equal, up to rounding."""
    return np.isclose(a, b, rtol=1e-8, atol=1e-11)


def _z(e: Env, x: bool = True, h: bool = True, b: bool = True) -> np.ndarray:
    return x * (e.x @ e.kernel) + h * (e.h_prev @ e.recurrent_kernel) + b * e.bias


def _block(gate: str) -> Value:
    at = GATES.index(gate)
    return lambda e: np.split(e.z, 4, axis=-1)[at]


def _fourth(start: int) -> Value:
    return lambda e: e.z[:, start::4]


def _own(name: str, function: Callable[[np.ndarray], np.ndarray] = lambda a: a) -> Value:
    return lambda e: function(getattr(e, name))


def _splits() -> list[Rule]:
    rules = []
    for gate in GATES:
        other = [
            (_block(wrong), f"z_{gate} is the block of the {GATE[wrong]}: in z the gates stand in the order i, f, g, o")
            for wrong in GATES
            if wrong != gate
        ]
        at = GATES.index(gate)
        other.append(
            (
                _fourth(at),
                f"z_{gate} takes every fourth column: a gate's columns stand together in z",
            )
        )
        rules.append(Rule(f"z_{gate}", ("z",), _block(gate), tuple(other)))
    return rules


def _gate(gate: str) -> Rule:
    right, wrong = (np.tanh, sigmoid) if gate == "g" else (sigmoid, np.tanh)
    belongs, stands = ("tanh", "σ") if gate == "g" else ("σ", "tanh")
    z = f"z_{gate}"
    mistakes = [
        (_own(z, wrong), f"{gate} uses {stands} where {belongs} belongs"),
        (_own(z), f"{gate} is z_{gate} itself: {belongs} is missing"),
        (_own(z, lambda a: right(-a)), f"{gate} has the wrong sign: it is {belongs}(−z_{gate})"),
    ]
    mistakes += [
        (_own(f"z_{other}", right), f"{gate} is made of z_{other} instead of z_{gate}")
        for other in GATES
        if other != gate
    ]
    return Rule(gate, tuple(f"z_{g}" for g in GATES), _own(z, right), tuple(mistakes))


FORWARD_RULES: tuple[Rule, ...] = (
    Rule(
        "z",
        (),
        _z,
        (
            (lambda e: _z(e, b=False), "z leaves out the bias"),
            (lambda e: _z(e, h=False), "z leaves out h_prev @ recurrent_kernel, so the cell never hears of the past"),
            (lambda e: _z(e, x=False), "z leaves out x @ kernel, so the cell never hears of its input"),
            (lambda e: _z(e) + e.bias, "z adds the bias twice"),
            (lambda e: _z(e, h=False) + e.c_prev @ e.recurrent_kernel, "z reads c_prev where h_prev belongs"),
        ),
    ),
    *_splits(),
    _gate("i"),
    _gate("f"),
    _gate("o"),
    _gate("g"),
    Rule(
        "c",
        ("i", "f", "g", "o"),
        lambda e: e.f * e.c_prev + e.i * e.g,
        (
            (lambda e: e.i * e.c_prev + e.f * e.g, "c has its gates swapped: f belongs to c_prev, i to g"),
            (lambda e: e.f * e.c_prev + e.g, "c leaves out the input gate: g is added whole"),
            (lambda e: e.f * e.c_prev + e.i, "c leaves out the candidate: i is what is added"),
            (lambda e: e.c_prev + e.i * e.g, "c leaves out the forget gate: nothing is ever forgotten"),
            (lambda e: e.i * e.g, "c leaves out the past: f * c_prev is missing"),
            (lambda e: e.f * e.c_prev, "c leaves out what is written: i * g is missing"),
            (lambda e: e.f * e.h_prev + e.i * e.g, "c keeps h_prev where c_prev belongs"),
            (lambda e: e.f * e.c_prev * e.i * e.g, "c multiplies what should be added"),
            (
                lambda e: (1 - e.f) * e.c_prev + e.i * e.g,
                "c keeps 1 − f of the past: f is how much stays, not how much goes",
            ),
            (
                lambda e: np.tanh(e.f * e.c_prev + e.i * e.g),
                "c is squashed by tanh: the cell state itself is not squashed",
            ),
        ),
    ),
    Rule(
        "h",
        ("o", "c"),
        lambda e: e.o * np.tanh(e.c),
        (
            (lambda e: e.o * np.tanh(e.c_prev), "h uses c before the update"),
            (lambda e: e.o * e.c, "h leaves out the tanh"),
            (lambda e: e.o * sigmoid(e.c), "h uses σ where tanh belongs"),
            (lambda e: np.tanh(e.c), "h leaves out the output gate"),
            (lambda e: np.tanh(e.o * e.c), "h has its tanh around o * c: it belongs around c alone"),
            (lambda e: e.o * np.tanh(e.g), "h shows the candidate g where c belongs"),
        ),
    ),
)


def _through_h(e: Env) -> np.ndarray:
    return e.dh * e.o * (1 - e.tanh_c**2)


def _slope(gate: str) -> Rule:
    d, a = f"d{gate}", gate
    sigmoids, tanhs = (lambda v: v * (1 - v)), (lambda v: 1 - v**2)
    right, wrong = (tanhs, sigmoids) if gate == "g" else (sigmoids, tanhs)
    mine, other = ("tanh, 1 − g²", "σ, g (1 − g)") if gate == "g" else (f"σ, {a} (1 − {a})", f"tanh, 1 − {a}²")
    mistakes: list[tuple[Value, str]] = [
        (
            lambda e: getattr(e, d) * wrong(getattr(e, a)),
            f"dz_{a} uses the slope of {other}, and {a} needs that of {mine}",
        ),
        (lambda e: getattr(e, d), f"dz_{a} leaves out the slope of {mine}"),
        (lambda e: getattr(e, d) * getattr(e, a), f"dz_{a} multiplies by {a} alone: the slope is that of {mine}"),
        (
            lambda e: getattr(e, d) * (1 - getattr(e, a)),
            f"dz_{a} multiplies by 1 − {a} alone: the slope is that of {mine}",
        ),
        (
            lambda e: getattr(e, d) * right(getattr(e, f"z_{a}")),
            f"dz_{a} takes the slope at z_{a} where {a} itself belongs: the slope is that of {mine}",
        ),
    ]
    return Rule(f"dz_{a}", (d,), lambda e: getattr(e, d) * right(getattr(e, a)), tuple(mistakes))


BACKWARD_RULES: tuple[Rule, ...] = (
    Rule(
        "do",
        (),
        lambda e: e.dh * e.tanh_c,
        (
            (lambda e: e.dh * e.c, "do leaves out the tanh: it is dh * tanh(c)"),
            (lambda e: e.dh, "do leaves out tanh(c)"),
            (lambda e: e.dh * e.o, "do multiplies by o: from h = o * tanh(c) it is the other factor that stays"),
        ),
    ),
    Rule(
        "dc",
        (),
        lambda e: e.dc_next + _through_h(e),
        (
            (_through_h, "dc forgets what comes back from the step after: dc_next"),
            (lambda e: e.dc_next, "dc forgets what comes through h"),
            (lambda e: e.dc_next + e.dh * e.o, "dc leaves out the slope of tanh, 1 − tanh(c)²"),
            (lambda e: e.dc_next + e.dh * (1 - e.tanh_c**2), "dc leaves out the output gate on the way through h"),
            (lambda e: e.dc_next + e.dh * e.o * (1 - e.tanh_c), "dc has 1 − tanh(c) where 1 − tanh(c)² belongs"),
            (lambda e: e.dc_next + e.dh * e.o * (1 - e.c**2), "dc has 1 − c² where 1 − tanh(c)² belongs"),
            (lambda e: e.dc_next + e.dh * e.o * e.tanh_c, "dc has tanh(c) where its slope 1 − tanh(c)² belongs"),
            (lambda e: e.dc_next * _through_h(e), "dc multiplies what should be added: two ways lead away from c"),
        ),
    ),
    Rule(
        "di",
        ("dc",),
        lambda e: e.dc * e.g,
        (
            (lambda e: e.dc * e.i, "di multiplies by i: from i * g it is the other factor that stays, g"),
            (lambda e: e.dc_next * e.g, "di starts from dc_next where dc belongs"),
            (lambda e: e.dc * e.c_prev, "di multiplies by c_prev: that is df"),
        ),
    ),
    Rule(
        "df",
        ("dc",),
        lambda e: e.dc * e.c_prev,
        (
            (lambda e: e.dc * e.c, "df uses c after the update: the forget gate multiplied c_prev"),
            (lambda e: e.dc * e.f, "df multiplies by f: from f * c_prev it is the other factor that stays"),
            (lambda e: e.dc_next * e.c_prev, "df starts from dc_next where dc belongs"),
            (lambda e: e.dc * e.h_prev, "df uses h_prev where c_prev belongs"),
        ),
    ),
    Rule(
        "dg",
        ("dc",),
        lambda e: e.dc * e.i,
        (
            (lambda e: e.dc * e.g, "dg multiplies by g: from i * g it is the other factor that stays, i"),
            (lambda e: e.dc_next * e.i, "dg starts from dc_next where dc belongs"),
        ),
    ),
    Rule(
        "dc_prev",
        ("dc",),
        lambda e: e.dc * e.f,
        (
            (lambda e: e.dc, "dc_prev leaves out the forget gate"),
            (
                lambda e: e.dc_next * e.f,
                "dc_prev starts from dc_next where dc belongs: what came through h goes on as well",
            ),
            (lambda e: e.dc * e.i, "dc_prev multiplies by i where f belongs"),
            (lambda e: e.dc * e.c_prev, "dc_prev multiplies by c_prev where f belongs"),
        ),
    ),
    *(_slope(gate) for gate in GATES),
    Rule(
        "dx",
        ("dz",),
        lambda e: e.dz @ e.kernel.T,
        ((lambda e: e.dz @ e.recurrent_kernel.T, "dx goes through recurrent_kernel where kernel belongs"),),
    ),
    Rule(
        "dh_prev",
        ("dz",),
        lambda e: e.dz @ e.recurrent_kernel.T,
        (
            (lambda e: e.dz @ e.kernel.T, "dh_prev goes through kernel where recurrent_kernel belongs"),
            (
                lambda e: e.dh + e.dz @ e.recurrent_kernel.T,
                "dh_prev adds dh: h reaches the loss of this step, h_prev does not",
            ),
        ),
    ),
    Rule(
        "dkernel",
        ("dz",),
        lambda e: e.x.T @ e.dz,
        (
            (lambda e: e.x.T @ e.dz / len(e.x), "dkernel is the mean over the batch where the sum belongs"),
            (lambda e: e.h_prev.T @ e.dz, "dkernel uses h_prev where x belongs"),
        ),
    ),
    Rule(
        "drecurrent_kernel",
        ("dz",),
        lambda e: e.h_prev.T @ e.dz,
        (
            (
                lambda e: e.h_prev.T @ e.dz / len(e.x),
                "drecurrent_kernel is the mean over the batch where the sum belongs",
            ),
            (lambda e: e.h.T @ e.dz, "drecurrent_kernel uses h after the step where h_prev belongs"),
            (lambda e: e.c_prev.T @ e.dz, "drecurrent_kernel uses c_prev where h_prev belongs"),
            (lambda e: e.x.T @ e.dz, "drecurrent_kernel uses x where h_prev belongs"),
        ),
    ),
    Rule(
        "dbias",
        ("dz",),
        lambda e: e.dz.sum(axis=0),
        (
            (lambda e: e.dz.mean(axis=0), "dbias is the mean over the batch where the sum belongs"),
            (lambda e: e.dz[0], "dbias is that of the first example alone: the batch must be summed"),
        ),
    ),
)


def _gate_of(name: str) -> str:
    return name.rpartition("_")[2][-1:] if name not in ("dc", "c", "h", "dx") else ""


def _conditions(name: str, env: Env, shape: tuple[int, ...]) -> dict[str, np.ndarray | bool]:
    """What wrong numbers may have in common: by words, where in an array of `shape` it is so."""
    units = env.c_prev.shape[1]
    found: dict[str, np.ndarray | bool] = {
        "when there is more than one example in the batch": len(env.x) > 1,
        "when there is more than one unit": units > 1,
        "when there is more than one feature": env.x.shape[1] > 1,
        "when features and units differ": env.x.shape[1] != units,
    }
    if shape == env.c_prev.shape:
        gate = _gate_of(name)
        if gate in GATES and np.shape(getattr(env, f"z_{gate}", None)) == shape:
            z = getattr(env, f"z_{gate}")
            found[f"where the {GATE[gate]} is saturated"] = (
                np.abs(np.tanh(z) if gate == "g" else 2 * sigmoid(z) - 1) > 0.9
            )
            found[f"where z_{gate} is negative"] = z < 0
        found["where c_prev is negative"] = env.c_prev < 0
    return found


def _common(name: str, envs: Sequence[Env], values: Sequence[np.ndarray], rights: Sequence[np.ndarray]) -> str | None:
    """What holds of all numbers that are wrong and of no number that is right."""
    words = _conditions(name, envs[0], np.shape(rights[0]))
    for said in reversed(words):  # what is said of single numbers before what is said of whole cases
        fits, outside = True, 0
        for env, value, right in zip(envs, values, rights, strict=True):
            where = np.broadcast_to(_conditions(name, env, np.shape(right))[said], np.shape(right))
            wrong = ~close(value, right)
            fits &= not np.any(wrong & ~where)
            outside += int(np.sum(~where))
        if fits and outside:
            return said
    return None


def judge(rule: Rule, envs: Sequence[Env], values: Sequence[np.ndarray]) -> str | None:
    """None if the name is right on every call, else the sentence about what is wrong with it.

    Parameters
    ----------
    envs : what was known when the line was run, call by call
    values : what the line gave
    """
    rights = [rule.right(env) for env in envs]
    for env, value, right in zip(envs, values, rights, strict=True):
        if value.shape != right.shape:
            sizes = f"batch {len(env.x)}, features {env.x.shape[1]} and units {env.c_prev.shape[1]}"
            return f"{rule.name} must have shape {right.shape} for {sizes}, and has {value.shape}"
    if all(close(value, right).all() for value, right in zip(values, rights, strict=True)):
        return None
    for env, value, right in zip(envs, values, rights, strict=True):
        if not np.isfinite(value).all() and np.isfinite(right).all():
            what = "NaN" if np.isnan(value).any() else "infinite"
            gate = _gate_of(rule.name)
            z = getattr(env, f"z_{gate}", None) if gate in GATES else None
            far = z is not None and np.shape(z) == value.shape and np.abs(z[~np.isfinite(value)]).min() > 30
            where = f" where z_{gate} is large, {z[~np.isfinite(value)].flat[0]:.0f}" if far else ""
            return f"{rule.name} is {what}{where}"
    for mistaken, sentence in rule.mistakes:
        if _all_equal(mistaken, envs, values):
            return sentence
    if all(close(value, -right).all() for value, right in zip(values, rights, strict=True)):
        return f"{rule.name} has the wrong sign"
    if common := _common(rule.name, envs, values, rights):
        return f"{rule.name} is right except {common}"
    value, right = next((v, r) for v, r in zip(values, rights, strict=True) if not close(v, r).all())
    at = tuple(int(k) for k in np.argwhere(~close(value, right))[0])
    return f"{rule.name}[{', '.join(map(str, at))}] is {value[at]:.6g} where {right[at]:.6g} would be right"


def _all_equal(mistaken: Value, envs: Sequence[Env], values: Sequence[np.ndarray]) -> bool:
    compared = 0
    for env, value in zip(envs, values, strict=True):
        try:
            would_be = mistaken(env)
        except ValueError:
            continue  # shapes under which nobody can make this mistake
        if np.shape(would_be) != value.shape or not close(value, would_be).all():
            return False
        compared += 1
    return compared > 0


def known(
    rules: Sequence[Rule], upto: Rule, arguments: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]
) -> Env | None:
    """What was known when the line of `upto` was run, or None if something it needs is not there, or is no number."""
    env = dict(arguments)
    for rule in rules:
        if rule is upto:
            break
        if rule.name in found:
            env[rule.name] = found[rule.name]
    if all(f"dz_{gate}" in env for gate in GATES):
        try:
            env["dz"] = np.concatenate([env[f"dz_{gate}"] for gate in GATES], axis=-1)
        except ValueError:
            return None
    if any(name not in env or not np.isfinite(env[name]).all() for name in upto.needs):
        return None
    return SimpleNamespace(**env)
