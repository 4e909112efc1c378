"""What Keras's description of a network says, as layers of the lab; or a sentence that names what the lab lacks.

Every setting of every layer is either carried over, or known to change nothing of what the layer computes, or has to
have the value that the lab's layer has; a setting that is none of these is refused, and so is a way through the layers
that is no chain. What is let through predicts what Keras predicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lstm.bidirectional import Bidirectional
from lstm.gru import GRU
from lstm.layers import ACTIVATIONS, Dense, Dropout, Embedding, Layer, Masking
from lstm.recurrent import LSTM, Recurrent, SimpleRNN

from .layers import snake_case

MAX_LAYERS = 32
KNOWN = (
    "Embedding", "Masking", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "Dense", "TimeDistributed(Dense)", "Activation",
    "Dropout", "SpatialDropout1D",
)  # fmt: skip
RECURRENT = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN}
WANTED = f"the lab reads {', '.join(KNOWN[:-1])} and {KNOWN[-1]}"


@dataclass(frozen=True)
class Part:
    """One layer of Keras that has weights, or becomes a layer of the lab.

    kind, name, key : the class, the name somebody gave it, and the name of its group in a file of weights
    layer : the lab's layer, or None where Keras's has no weights and is part of the one before
    slots : where its weights stand within the group, and how many there are
    """

    kind: str
    name: str
    key: str
    layer: Layer | None
    slots: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Network:
    """A chain of layers, as a file describes it."""

    input_shape: tuple[int | None, ...]
    parts: tuple[Part, ...]
    dtype: str
    notes: tuple[str, ...]


def network(config: Any) -> Network:
    """What a description of a model says.

    Raises
    ------
    ValueError
        One sentence that names what the lab lacks.
    KeyError, TypeError, AttributeError, IndexError
        If it is no description of Keras's.
    """
    _refuse_code(config)
    notes: list[str] = []
    shape, chain = _chain(config)
    dtypes = {_dtype(one["config"]) for one in chain} - {None}
    if len(dtypes) > 1 or not dtypes <= {"float32", "float64"}:
        raise ValueError(f"the Keras model computes in {' and '.join(sorted(dtypes))[:60]}; the lab in float32 or float64")
    parts: list[Part] = []
    seen: Counter[str] = Counter()
    for one in chain:
        kind, settings = one["class_name"], _Settings(one["class_name"], one["config"])
        key = snake_case(kind)
        group = f"{key}_{seen[key]}" if seen[key] else key
        seen[key] += 1
        if kind in ("Activation", "ReLU", "Softmax"):
            _activated(kind, settings, parts)
            layer, slots = None, ()
        else:
            layer, slots = _layer(kind, settings, notes, first=not any(part.layer for part in parts))
        settings.done()
        parts.append(Part(kind, settings.name, group, layer, slots))
    masked = any(isinstance(p.layer, Masking) or getattr(p.layer, "mask_zero", False) for p in parts)
    recurrent = [part.layer for part in parts if part.layer is not None and part.layer.recurrent_layers]
    if masked and (not recurrent or recurrent[-1].return_sequences):
        notes.append("At masked steps the outputs differ from Keras's: there they count for nothing.")
    if not any(part.layer for part in parts):
        raise ValueError(f"the network must have 1 to {MAX_LAYERS} layers")
    return Network(shape, tuple(parts), next(iter(dtypes), "float32"), tuple(dict.fromkeys(notes)))


# Settings, of which none may be left over ----------------------------------------------------------------------------
_TRAINING = (
    "trainable", "dtype", "seed", "batch_input_shape", "batch_shape", "input_length", "input_shape", "name",
    "kernel_initializer", "recurrent_initializer", "bias_initializer", "embeddings_initializer", "unit_forget_bias",
    "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "embeddings_regularizer", "activity_regularizer",
    "kernel_constraint", "recurrent_constraint", "bias_constraint", "embeddings_constraint", "implementation", "unroll",
    "use_cudnn",
)  # fmt: skip
"""What matters in training, or for speed, and nowhere else."""


class _Settings:
    """A layer's settings, each of which has to be asked for."""

    def __init__(self, kind: str, config: dict[str, Any]) -> None:
        self.kind, self.name = kind, str(config.get("name"))[:40]
        self._left = {key: value for key, value in config.items() if key not in _TRAINING}

    def take(self, key: str, *default: Any) -> Any:
        """A setting's value; without it the `default`, or a KeyError."""
        return self._left.pop(key, *default)

    def must_be(self, key: str, *fine: Any) -> Any:
        """A setting's value, which has to be among `fine`, of which the first is what it is if nothing is said."""
        value = self._left.pop(key, fine[0])
        if not any(type(value) is type(one) and value == one for one in fine):
            raise ValueError(f"layer {self.name} has {key}={_short(value)}, which the lab's {self.kind} lacks")
        return value

    def done(self) -> None:
        """Refuse what nobody has asked for."""
        for key, value in self._left.items():
            if value is not None:  # the lab cannot know what it changes
                raise ValueError(f"layer {self.name} has {str(key)[:40]}={_short(value)}, a setting that the lab does not know")


def _short(value: Any) -> str:
    return repr(str(value)[:30])


def _dtype(config: dict[str, Any]) -> str | None:
    """The numbers a layer computes with, or None if it does not say."""
    policy = config.get("dtype")
    if isinstance(policy, dict):
        policy = policy["config"]["name"]
    return None if policy is None else str(policy)


# Layers --------------------------------------------------------------------------------------------------------------
def _layer(
    kind: str, settings: _Settings, notes: list[str], first: bool
) -> tuple[Layer, tuple[tuple[str, int], ...]]:
    """The lab's layer, and where the weights of Keras's stand."""
    if kind == "Embedding":
        layer = Embedding(settings.take("input_dim"), settings.take("output_dim"), mask_zero=_flag(settings, "mask_zero"))
        return layer, (("vars", 1),)
    if kind == "Masking":
        if not first:
            raise ValueError(f"layer {settings.name} masks in the middle of the network; the lab's Masking comes first")
        return Masking(settings.take("mask_value", 0.0)), ()
    if kind in ("Dropout", "SpatialDropout1D"):
        settings.must_be("noise_shape", None)
        if kind == "SpatialDropout1D":
            notes.append(f"In training {settings.name} leaves out whole features; the lab's dropout leaves out single numbers.")
        return Dropout(settings.take("rate")), ()
    if kind == "Dense":
        return _dense(settings, notes)
    if kind == "TimeDistributed":
        inner = settings.take("layer")
        if inner["class_name"] != "Dense":
            raise ValueError(f"layer {settings.name} repeats a {_short(inner['class_name'])} at each step; the lab repeats Dense")
        within = _Settings("Dense", inner["config"])
        layer, [(path, count)] = _dense(within, notes)
        within.done()
        return layer, ((f"layer/{path}", count),)
    if kind == "Bidirectional":
        return _bidirectional(settings, notes)
    if kind in RECURRENT:
        layer, count = _recurrent(kind, settings, notes)
        return layer, (("cell/vars", count),)
    raise ValueError(f"the Keras file has a layer {_short(kind)} ({settings.name}); {WANTED}")


def _flag(settings: _Settings, key: str) -> bool:
    return settings.must_be(key, False, True)


def _bias(settings: _Settings, notes: list[str]) -> int:
    """1 if the layer has a bias, else 0."""
    if settings.must_be("use_bias", True, False):
        return 1
    notes.append(f"{settings.name} has no bias; the lab's has one of zeros.")
    return 0


def _dense(settings: _Settings, notes: list[str]) -> tuple[Dense, tuple[tuple[str, int], ...]]:
    settings.must_be("lora_rank", None)
    settings.must_be("quantization_config", None)
    layer = Dense(settings.take("units"), _activation(settings))
    return layer, (("vars", 1 + _bias(settings, notes)),)


def _activation(settings: _Settings) -> str | None:
    value = settings.take("activation", None)
    if not (value is None or isinstance(value, str)) or value not in ACTIVATIONS:
        raise ValueError(f"the activation {_short(value)} of layer {settings.name} is none of the lab's")
    return None if value == "linear" else value


def _recurrent(kind: str, settings: _Settings, notes: list[str], backwards: bool = False) -> tuple[Recurrent, int]:
    """One of `RECURRENT`, and how many weights it has in Keras."""
    if kind == "GRU":
        settings.must_be("reset_after", True)
    if kind in ("LSTM", "GRU"):
        settings.must_be("recurrent_activation", "sigmoid")
    activation = settings.must_be("activation", *(("tanh", "relu") if kind == "LSTM" else ("tanh",)))
    settings.must_be("go_backwards", backwards)
    settings.must_be("return_state", False)
    settings.must_be("time_major", False)
    dropout, recurrent_dropout = (settings.take(name, 0.0) for name in ("dropout", "recurrent_dropout"))
    if dropout or recurrent_dropout:
        notes.append(f"The dropout inside {settings.name} matters in training alone and is left out.")
    settings.must_be("zero_output_for_mask", False, True)  # what stands at masked steps counts for nothing
    if settings.must_be("stateful", False, True):
        notes.append(f"{settings.name} was stateful; here each sequence starts from zeros.")
    sequences = settings.must_be("return_sequences", False, True)
    layer = RECURRENT[kind](settings.take("units"), activation, return_sequences=sequences)
    return layer, 2 + _bias(settings, notes)


def _bidirectional(settings: _Settings, notes: list[str]) -> tuple[Bidirectional, tuple[tuple[str, int], ...]]:
    settings.must_be("merge_mode", "concat")
    made, counts = [], []
    for place, backwards in (("layer", False), ("backward_layer", True)):
        described = settings.take(place, None)
        if described is None and backwards:  # the same once more, as Keras makes it
            made.append(made[0])
            counts.append(counts[0])
            continue
        kind = described["class_name"]
        if kind not in RECURRENT:
            raise ValueError(f"the Keras file has a layer {_short(kind)} in {settings.name}; {WANTED}")
        within = _Settings(kind, described["config"])
        layer, count = _recurrent(kind, within, notes, backwards)
        within.done()
        made.append(layer)
        counts.append(count)
    ahead, back = made
    if type(ahead) is not type(back) or ahead.get_config() != back.get_config():
        raise ValueError(f"layer {settings.name} reads backwards with another layer than forwards; the lab's two are alike")
    return Bidirectional(ahead), (("forward_layer/cell/vars", counts[0]), ("backward_layer/cell/vars", counts[1]))


def _activated(kind: str, settings: _Settings, parts: list[Part]) -> None:
    """Let the Dense layer before take over the activation that Keras has as a layer of its own."""
    if kind == "Activation":
        activation = _activation(settings)
    elif kind == "ReLU":
        activation = "relu"
        for key, fine in (("max_value", (None,)), ("negative_slope", (0.0, 0)), ("threshold", (0.0, 0))):
            settings.must_be(key, *fine)
    else:
        activation = "softmax"
        settings.must_be("axis", -1)
    if activation is None:
        return
    before = next((part.layer for part in reversed(parts)), None)
    if not isinstance(before, Dense) or before.activation is not None:
        raise ValueError(
            f"the activation {activation!r} of layer {settings.name} stands after no linear Dense layer, which the lab has no layer for"
        )
    before.activation = activation


# The way through the layers ------------------------------------------------------------------------------------------
def _inside(part: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in `part`, itself included."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _refuse_code(config: Any) -> None:
    """Raise ValueError for anything that is code, or asks for a class from outside Keras."""
    for one in _inside(config):
        kind = one.get("class_name")
        if kind in ("Lambda", "__lambda__"):
            raise ValueError("the Keras file holds a Lambda layer, which is code: the lab never runs what was uploaded")
        module, registered = one.get("module"), one.get("registered_name")
        if isinstance(registered, str) and registered not in (kind, f"keras>{kind}") and ">" in registered:
            raise ValueError(f"the Keras file needs code of its own ({registered[:40]!r}): the lab never runs what was uploaded")
        if isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins"):
            raise ValueError(f"the Keras file needs code from {module[:40]!r}: the lab never runs what was uploaded")


def _chain(config: Any) -> tuple[tuple[int | None, ...], list[dict[str, Any]]]:
    """The shape of the input, and the layers' descriptions from first to last."""
    kind = config.get("class_name") if isinstance(config, dict) else None
    if kind not in ("Sequential", "Functional", "Model"):
        raise ValueError(
            f"the Keras file holds a {str(kind)[:40]!r}; the lab reads Sequential models, and Functional ones that are a chain"
        )
    layers = config["config"]["layers"]
    if not isinstance(layers, list) or not 1 <= len(layers) <= 2 * MAX_LAYERS:
        raise ValueError(f"the network must have 1 to {MAX_LAYERS} layers")
    if kind != "Sequential":
        layers = _straight(config["config"], layers)
    first = layers[0]["config"]
    shape = first.get("batch_shape") or first.get("batch_input_shape")
    if layers[0]["class_name"] == "InputLayer":
        layers = layers[1:]
    if shape is None:
        raise ValueError("the Keras model does not know its input's shape yet: build it before saving it")
    if not layers or len(layers) > MAX_LAYERS:
        raise ValueError(f"the network must have 1 to {MAX_LAYERS} layers")
    if not isinstance(shape, list) or not 2 <= len(shape) <= 3:
        raise ValueError(f"the lab reads inputs of shape (batch, time) or (batch, time, features), got {str(shape)[:60]}")
    for n in shape:
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or not 0 < n <= 1_000_000):
            raise ValueError(f"the input's shape {str(shape)[:60]} is not one of positive integers")
    return (None, *shape[1:]), layers


_BRANCHES = "the Keras model's layers branch; the lab reads those that follow each other in a chain"


def _straight(model: dict[str, Any], layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a Functional model, if each is called once, with the output of the one before it, and the last one's
    output is the model's. Operations that only make the mask from the input are left out."""
    if layers[0]["class_name"] != "InputLayer" or _ends(model["input_layers"]) != [_name(layers[0])]:
        raise ValueError(_BRANCHES)
    chain, masks, padding = [layers[0]], {}, None
    for one in layers[1:]:
        sources, constants, keywords = _call(one)
        if one["class_name"] in ("NotEqual", "Any") and set(sources) <= {_name(chain[0]), *masks}:
            # What Embedding(mask_zero) and Masking know of the input: where it is another number than this one.
            masks[_name(one)] = constants if one["class_name"] == "NotEqual" else masks.get(sources[0])
            continue
        if one["class_name"] == "Masking":
            padding = one["config"].get("mask_value", 0.0)
        elif one["config"].get("mask_zero"):
            padding = 0
        for key, value in keywords.items():
            as_usual = value is None or (key == "training" and value is False)
            if not (as_usual or (key == "mask" and padding is not None and masks.get(value) == [padding])):
                raise ValueError(f"layer {_name(one)[:40]} is called with {str(key)[:20]}={_short(value)}; the lab calls none so")
        if sources != [_name(chain[-1])] or constants:
            raise ValueError(_BRANCHES)
        chain.append(one)
    if _ends(model["output_layers"]) != [_name(chain[-1])]:
        raise ValueError("the Keras model's output is not that of its last layer alone; the lab reads networks with one output")
    return chain


def _name(layer: dict[str, Any]) -> str:
    return str(layer.get("name") or layer["config"]["name"])


def _ends(described: Any) -> list[str]:
    """The names of the layers that a model begins or ends with: ["a", 0, 0], or a list of such."""
    if isinstance(described, list) and len(described) == 3 and isinstance(described[0], str):
        described = [described]
    if not isinstance(described, list) or not all(isinstance(one, list) and one[1:] == [0, 0] for one in described):
        raise ValueError(_BRANCHES)
    return [one[0] for one in described]


def _call(layer: dict[str, Any]) -> tuple[list[str], list[Any], dict[str, Any]]:
    """From which layers a layer gets its input, with which numbers, and by which names; a mask by that of its maker."""
    nodes = layer["inbound_nodes"]
    if len(nodes) != 1:
        raise ValueError(_BRANCHES)
    [node] = nodes
    if isinstance(node, list):  # Keras 2: [["name", 0, 0, {…}], …]
        return [one[0] if one[1:3] == [0, 0] else "" for one in node], [], dict(node[0][3])
    sources = [_origin(one) for one in node["args"] if isinstance(one, dict | list)]
    constants = [one for one in node["args"] if not isinstance(one, dict | list)]
    return sources, constants, {key: _origin(one) if isinstance(one, dict) else one for key, one in node["kwargs"].items()}


def _origin(argument: Any) -> str:
    """The name of the layer whose first output an argument is; empty for anything else."""
    if not isinstance(argument, dict) or argument.get("class_name") != "__keras_tensor__":
        return ""
    origin, *place = argument["config"]["keras_history"]
    return origin if place == [0, 0] else ""
