"""The settings that lessons share, each described once; see `lstm.lessons.settings`."""

from __future__ import annotations

from lstm.initializers import INITIALIZERS
from lstm.optimizers import OPTIMIZERS

from .cells import CELLS
from .settings import Shared

_LEARNS, _LONG = "how it learns", "how long"

CELL = Shared(
    "lstm", "Cell", "What carries the memory from step to step. A SimpleRNN has no gates, a GRU two, an LSTM three.",
    choices=tuple(CELLS), labels={name: kind.__name__ for name, kind in CELLS.items()},
)  # fmt: skip
LAYERS = Shared(1, "Layers", "Layers of the cell, stacked.", high=3)
UNITS = Shared(128, "Units", "The length of the hidden state h of each layer.", high=512, step=16)
DROPOUT = Shared(0.0, "Dropout", "Share of each layer's outputs left out while training.", low=0, below=1, step=0.1)
BATCH = Shared(
    64, "Batch size", "Examples an optimizer step is taken from. More make steadier, fewer steps.",
    high=1024, step=16, flag="--batch-size", group=_LEARNS,
)  # fmt: skip
OPTIMIZER = Shared(
    "adam", "Optimizer", "How a gradient becomes a step. Adam and Adagrad give every weight a pace of its own.",
    labels={"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam"}, choices=tuple(OPTIMIZERS), group=_LEARNS,
)  # fmt: skip
LEARNING_RATE = Shared(
    1e-3, "Learning rate", "How large the steps are. Too large, and the loss jumps or becomes infinite.",
    step=0.001, also=("--rate",), group=_LEARNS,
)  # fmt: skip
DECAY = Shared(
    "cosine", "Learning-rate schedule", "Constant, down in a straight line, or along half a cosine wave: slow at both ends.",
    labels={"none": "constant", "linear": "linear decay", "cosine": "cosine decay"},
    was={"stays": "none", "falls in a line": "linear", "falls in a cosine": "cosine"},
    flag="--learning-rate-schedule", group=_LEARNS,
)  # fmt: skip
CLIP = Shared(
    "norm", "Clip gradients", "Cuts rare huge gradients, which would throw the weights away.",
    labels={"norm": "all together, by their norm", "value": "each by itself", "none": "not at all"},
    flag="--clip-gradients", group=_LEARNS,
)  # fmt: skip
CLIP_AT = Shared(1.0, "Clip at", "The largest norm, or the largest element.", step=0.1, group=_LEARNS)
INITIAL = Shared(
    "glorot_uniform", "Initializer", "How the weights are drawn before the first step.",
    labels={
        "glorot_uniform": "by layer size (Glorot)",
        "he_normal": "by input size (He)",
        "small_normal": "tiny, N(0, 0.01)",
    },
    choices=INITIALIZERS, flag="--initializer",
)  # fmt: skip
VALIDATE_EVERY = Shared(
    100, "Steps between validations", "Optimizer steps from one validation to the next.", group=_LEARNS
)
EPOCHS = Shared(None, "Epochs", "Passes over the training data.", start=5.0, step=1.0, group=_LONG)
SECONDS = Shared(
    20.0, "Train for (seconds)", "The budget. Stop whenever you like; what was learnt is kept.",
    stops=(10, 20, 30, 60, 120, 180, 300, 600), start=20, group=_LONG,
)  # fmt: skip
STEPS = Shared(None, "Training steps", "Optimizer steps of the whole training.", high=1_000_000, flag="--steps", group=_LONG)
SEED = Shared(0, "Seed", "The same seed and steps give the same weights, bit for bit.", low=0, group=_LEARNS)
