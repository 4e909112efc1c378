"""What Keras takes and the lab does not, and what to do instead: a sentence each, in place of Python's TypeError."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_INSIDE = "put a Dropout layer before or after it"
_GATES = "the gates of the lab's layers are sigmoids"
_PENALTY = "the lab has no penalties and constraints: clip the gradient (clipnorm), stop early, or use Dropout"
_WEIGHTS = "every example counts the same here: to make a class count more, put its examples in x and y more than once"
_SOURCE = "x is one array, or a source of batches with an end (see batches.py), which is read to it"
_OWN_LOOP = "drain fit_iter, a generator that yields after every step, and look there"
_EPOCHS = "the model goes on from where it is: call fit again, and count on in your own code"

ADVICE: dict[str, tuple[tuple[Any, ...], str]] = {
    # Layers
    "input_length": ((None,), "the length of a sequence is read from the data: leave it out"),
    "input_shape": ((None,), "the shape is read from the data; to have weights before, put Input((time, features)) first"),
    "input_dim": ((None,), "the number of features is read from the data; to have weights before, call model.build(…)"),
    "batch_input_shape": ((None,), "the shape is read from the data; to have weights before, call model.build(…)"),
    "name": ((None,), "layers are named by their kind and place, as in summary(): get_layer takes such a name or an index"),
    "trainable": ((True,), "every layer of the lab is trained"),
    "dtype": ((None, "float32"), 'precision is the model\'s: Sequential(…, dtype="float32" or "float64")'),
    "use_bias": ((True,), "every layer of the lab has a bias"),
    "recurrent_activation": (("sigmoid",), _GATES),
    "bias_initializer": (("zeros",), "biases begin at zero; an LSTM's forget gate at 1 with unit_forget_bias"),
    "embeddings_initializer": (("uniform",), "embeddings begin uniform from −0.05 to 0.05"),
    "dropout": ((0, 0.0), _INSIDE),
    "recurrent_dropout": ((0, 0.0), _INSIDE),
    "seed": ((None,), "a seed belongs to the whole model: Sequential(…, seed=0)"),
    "noise_shape": ((None,), "each number is dropped on its own"),
    "go_backwards": ((False,), "wrap the layer in Bidirectional, or turn the data around: x[:, ::-1]"),
    "unroll": ((False,), "it changes nothing of what is computed: leave it out"),
    "use_cudnn": (("auto", False), "the lab computes on the processor: leave it out"),
    "zero_output_for_mask": ((False,), "at a masked step a layer repeats the output before it"),
    "backward_layer": ((None,), "both directions have the same settings: give one layer"),
    "reset_after": ((True,), "the lab's GRU is Keras's with reset_after=True"),
    "weights": ((None,), "call set_weights(…) once the layer is built"),
    **dict.fromkeys(
        (f"{what}_{kind}" for what in ("kernel", "recurrent", "bias", "activity", "embeddings") for kind in ("regularizer", "constraint")),
        ((None,), _PENALTY),
    ),
    # Training
    "class_weight": ((None,), _WEIGHTS),
    "sample_weight": ((None,), _WEIGHTS),
    "initial_epoch": ((0,), _EPOCHS),
    "steps_per_epoch": ((None,), f"{_SOURCE}; steps=… ends a training after so many steps"),
    "validation_steps": ((None,), _SOURCE),
    "validation_freq": ((1,), "validate_every=… counts steps: one epoch is one validation if it is left out"),
    "steps": ((None,), _SOURCE),
    "callbacks": ((None, []), f"only fit has callbacks; here, {_OWN_LOOP}"),
    "weighted_metrics": ((None, []), _WEIGHTS),
    "run_eagerly": ((False, True), "nothing is compiled here: every line runs as it stands"),
    "jit_compile": (("auto", False), "nothing is compiled here: leave it out"),
    "steps_per_execution": ((1,), "each step is taken on its own: leave it out"),
    "auto_scale_loss": ((True, False), "the loss is not scaled: leave it out"),
    # Optimizers
    "lr": ((), "learning_rate=… is its name, as in Keras 3"),
    "decay": ((), 'fit(decay="linear" or "cosine") lets the learning rate fall'),
    "weight_decay": ((None, 0, 0.0), _PENALTY),
    "momentum": ((0, 0.0), "only SGD has it here; Adam's first average is a momentum too"),
    "nesterov": ((False,), "the lab's momentum is the plain one: leave it out, or use Adam"),
    "centered": ((False,), "the lab's RMSprop is the plain one: leave it out"),
    "amsgrad": ((False,), "the lab's Adam is the plain one: leave it out"),
    "use_ema": ((False,), "weights are not averaged: EarlyStopping(restore_best_weights=True) keeps the best ones"),
    "ema_momentum": ((0.99,), "weights are not averaged: leave it out"),
    "ema_overwrite_frequency": ((None,), "weights are not averaged: leave it out"),
    "loss_scale_factor": ((None,), "the loss is not scaled: leave it out"),
    "gradient_accumulation_steps": ((None,), "take a larger batch_size"),
    "sparse": ((None, False), "numbers are given whole: leave it out"),
    "ragged": ((None, False), "pad the sequences and mask the padding"),
    "tensor": ((None,), "nothing is symbolic here: leave it out"),
    "optional": ((False,), "a model has one input: leave it out"),
    # Early stopping, tables, files
    "label_smoothing": ((0, 0.0), "targets are taken as they are: smooth them in y"),
    "ignore_class": ((None,), "mask the steps that do not count (mask_zero, Masking)"),
    "axis": ((-1,), "classes stand in the last axis: leave it out"),
    "reduction": (("sum_over_batch_size",), "a loss is a mean: leave it out"),
    "baseline": ((None,), "a training is measured against its own best: leave it out"),
    "start_from_epoch": ((0,), "give it more patience"),
    "positions": ((None,), "the columns are as wide as they need to be"),
    "expand_nested": ((False,), "there are no models inside models"),
    "show_trainable": ((False,), "every layer of the lab is trained"),
    "layer_range": ((None,), "model.layers[a:b] are the layers from a to before b"),
    "zipped": ((None, True), "a .keras file is always one archive"),
    "compile": ((True,), "call compile(…) on the model to train it in another way"),
    "custom_objects": ((None, {}), "a file is read as data; code of one's own is never run"),
    "safe_mode": ((True,), "a file is read as data; code in it is never run"),
}
"""Arguments of Keras by name: the values that ask for what the lab does anyway, and what to do instead of any other."""

_CHAIN = "the lab's models are a Sequential, layers that follow each other"
_FEWER = "the lab has what recurrent networks of its lessons need: Embedding, LSTM, GRU, SimpleRNN, Bidirectional, Dropout, Dense, Masking"
_DENSE = "give it to the layer before it: Dense(…, activation=…)"
_RATE = 'let it fall with fit(decay="linear" or "cosine"), or set self.model.optimizer.learning_rate in a Callback'
_OPTIMIZERS = "there are SGD, Adagrad, RMSprop and Adam"
_LOSSES = "there are sparse_categorical_crossentropy, binary_crossentropy and mse"
_NAMED = "give its name: metrics=[\"accuracy\"]"
_LAST = "an LSTM, GRU or SimpleRNN without return_sequences gives its last step alone"

NAMES: dict[str, str] = {
    "Model": _CHAIN, "Functional": _CHAIN, "clone_model": "make the Sequential again, and set_weights(model.get_weights())",
    **dict.fromkeys(("Layer", "Lambda", "Conv1D", "Conv2D", "MaxPooling1D", "LayerNormalization", "BatchNormalization", "Attention",
                     "MultiHeadAttention", "Reshape", "RepeatVector", "RNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "ConvLSTM1D",
                     "TextVectorization", "Normalization", "GaussianNoise"), _FEWER),
    **dict.fromkeys(("Concatenate", "Add", "Multiply", "Average"), _CHAIN),
    **dict.fromkeys(("Activation", "Softmax", "ReLU", "LeakyReLU", "activations"), _DENSE),
    **dict.fromkeys(("Flatten", "GlobalAveragePooling1D", "GlobalMaxPooling1D"), _LAST),
    "TimeDistributed": "a Dense layer after return_sequences=True is applied to every step: leave it out",
    "SpatialDropout1D": "use Dropout, which drops each number on its own",
    "ModelCheckpoint": "EarlyStopping(restore_best_weights=True) keeps the best weights; model.save(…) in a Callback writes them",
    "BackupAndRestore": "fit(control=Control(save=…)) hands out checkpoints, fit(checkpoint=…) goes on from one",
    **dict.fromkeys(("ReduceLROnPlateau", "LearningRateScheduler", "schedules"), _RATE),
    **dict.fromkeys(("CSVLogger", "TensorBoard", "RemoteMonitor"), "fit returns the History: history.history has every epoch"),
    "LambdaCallback": "write a class with on_epoch_end(self, epoch, logs)",
    "TerminateOnNaN": "a training whose loss is no longer a number ends by itself, with a ValueError that says so",
    **dict.fromkeys(("AdamW", "Nadam", "Adamax", "Adadelta", "Ftrl", "Lion", "Lamb"), _OPTIMIZERS),
    "CategoricalCrossentropy": "use SparseCategoricalCrossentropy, with each class as a whole number: y.argmax(axis=-1)",
    **dict.fromkeys(("MeanAbsoluteError", "Huber", "Hinge", "KLDivergence", "Poisson", "BinaryFocalCrossentropy"), _LOSSES),
    "metrics": _NAMED,
    "regularizers": _PENALTY, "constraints": _PENALTY,
    "saving": "load_model(…) and model.save(…) read and write files",
    "utils": "pad_sequences is in lstm.preprocessing.sequence; a seed is the model's, Sequential(…, seed=0); classes stay whole numbers",
    "backend": "all numbers are NumPy's: use numpy", "ops": "all numbers are NumPy's: use numpy",
    **dict.fromkeys(("GlorotUniform", "HeNormal", "Orthogonal", "RandomNormal", "RandomUniform", "Zeros", "Constant"),
                    'give the initializer by its name: "glorot_uniform", "he_normal", "orthogonal" …'),
}  # fmt: skip
"""What stands in Keras's modules and not in the lab's, and what to do instead."""

ATTRIBUTES: dict[str, str] = {
    "pop": "layers are put on top, not taken off: make the Sequential again without it",
    **dict.fromkeys(("to_json", "get_config", "export"), "model.save(…) writes layers and weights into a file"),
    **dict.fromkeys(("input", "output", "inputs", "outputs"), "nothing is symbolic here: model(x) and model.trace(x) give numbers"),
    "history": "fit returns the History",
    "reset_metrics": "figures of train_on_batch and test_on_batch are those of their batch alone",
    "fit_generator": "fit takes a source of batches, see batches.py",
    "predict_classes": "use predict(x).argmax(axis=-1), or predict(x) > 0.5",
    "predict_generator": "call predict for each batch",
    "add_loss": _LOSSES, "losses": _PENALTY, "non_trainable_weights": "every weight is trained",
    **dict.fromkeys(("variables", "trainable_variables"), "get_weights() and set_weights(…) read and write them"),
}  # fmt: skip
"""What Keras's models and layers have and the lab's do not."""


def lacks(module: str) -> Callable[[str], Any]:
    """A module's `__getattr__`: a name of Keras that it lacks is answered in a sentence.

    ImportError, because `from lstm.layers import Conv1D` would put its own words in place of an AttributeError's.
    """

    def answer(name: str) -> Any:
        if name in NAMES:
            raise ImportError(f"{module} has no {name}: {NAMES[name]}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return answer


class Answering:
    """The base of models and layers: what Keras's have and these lack is answered in a sentence."""

    if not TYPE_CHECKING:  # a type checker would take any name then

        def __getattr__(self, name: str) -> Any:
            kind = type(self).__name__
            if name in ATTRIBUTES:
                raise AttributeError(f"{kind} has no {name}: {ATTRIBUTES[name]}")
            raise AttributeError(f"{kind!r} object has no attribute {name!r}")

    @property
    def trainable(self) -> bool:
        """True: every layer of the lab is trained."""
        return True

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not value:
            raise ValueError("every layer of the lab is trained: trainable cannot be False")


WARNED = {"input_length"}
"""What Keras 3 no longer takes either, and ignores with a warning."""


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function of Keras's name answer to arguments that it lacks; its signature stays what it is.

    An argument in `ADVICE` with a value that asks for nothing else than the lab does is taken. All others, and more values
    by position than there are places for, raise a ValueError that says what to do instead.
    """
    parameters = list(inspect.signature(function).parameters.values())
    named = {one.name for one in parameters}
    ordered = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]

    @wraps(function)
    def answering(*args: P.args, **kwargs: P.kwargs) -> R:
        place = type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__
        for name in [name for name in kwargs if name not in named]:
            value = kwargs.pop(name)
            fine, advice = ADVICE.get(name, ((), f"it takes {', '.join(sorted(named - {'self', 'model'}))}"))
            if name in WARNED:
                warnings.warn(f"{place} ignores {name}, as Keras 3 does: {advice}", stacklevel=2)
            elif not any(value is one or (type(value) is type(one) and value == one) for one in fine):
                raise ValueError(f"{place} takes no {name}: {advice}")
        if len(args) > len(ordered):
            taken = [name for name in ordered if name not in ("self", "model")]
            raise ValueError(f"{place} takes {', '.join(taken) or 'nothing'} by position: write the others with their names")
        return function(*args, **kwargs)

    return answering
