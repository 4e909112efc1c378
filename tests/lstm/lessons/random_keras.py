"""Networks with random choices, written by Keras itself: `python random_keras.py FOLDER COUNT SEED`.

Of each: `K.keras`, `K.h5`, `K.weights.h5`, and in `K.npz` an input, Keras's output, which steps count, and in `said` what
the lab has no layer for, if anything.
"""

from __future__ import annotations

import sys

import keras
import numpy as np
from keras import layers


def recurrent(rng: np.random.Generator, sequences: bool, said: list[str]) -> keras.layers.Layer:
    """An LSTM or SimpleRNN with random settings, sometimes in both directions."""
    kind = layers.LSTM if rng.random() < 0.7 else layers.SimpleRNN
    settings = {
        "units": int(rng.integers(1, 6)), "return_sequences": sequences, "use_bias": rng.random() < 0.8,
        "dropout": float(rng.choice([0.0, 0.3])), "recurrent_dropout": float(rng.choice([0.0, 0.2])),
        "unroll": rng.random() < 0.1,
    }  # fmt: skip
    if kind is layers.LSTM:
        settings["unit_forget_bias"] = rng.random() < 0.5
        settings["activation"] = str(rng.choice(["tanh", "relu"]))
        if rng.random() < 0.05:
            settings["recurrent_activation"] = "hard_sigmoid"
            said.append("recurrent_activation")
    if rng.random() < 0.65:
        if rng.random() < 0.08:
            settings["go_backwards"] = True
            said.append("go_backwards")
        return kind(**settings)
    merge = str(rng.choice(["concat"] * 6 + ["sum", "mul", "ave"]))
    if merge != "concat":
        said.append("merge_mode")
    if rng.random() < 0.7:
        return layers.Bidirectional(kind(**settings), merge_mode=merge)
    back = {**settings, "go_backwards": True}
    if kind is layers.LSTM and rng.random() < 0.5:
        back["activation"] = "tanh" if settings["activation"] == "relu" else "relu"
        said.append("backwards with another")
    return layers.Bidirectional(kind(**settings), backward_layer=kind(**back), merge_mode=merge)


def network(rng: np.random.Generator) -> tuple[keras.Model, np.ndarray, np.ndarray | None, list[str]]:
    """A network, an input for it, which steps of the input count (None: all), and what the lab lacks for it."""
    said: list[str] = []
    steps, batch = int(rng.integers(2, 7)), 3
    chain, mask = [], None
    if rng.random() < 0.5:
        size, masked = int(rng.integers(3, 12)), rng.random() < 0.5
        shape: tuple[int, ...] = (steps,)
        x = rng.integers(1, size, (batch, steps))
        x[1, steps // 2 :] = 0
        x[2, :1] = 0
        chain.append(layers.Embedding(size, int(rng.integers(1, 5)), mask_zero=masked))
        mask = x != 0 if masked else None
    else:
        shape = (steps, int(rng.integers(1, 4)))
        x = rng.normal(size=(batch, *shape)).astype(np.float32)
        if rng.random() < 0.4:
            value = float(rng.choice([0.0, -1.0]))
            chain.append(layers.Masking(value))
            x[1, steps // 2 :] = value
            mask = (x != value).any(axis=-1)
    if rng.random() < 0.3:
        chain.append(layers.SpatialDropout1D(0.2) if rng.random() < 0.5 else layers.Dropout(0.2))
    last_sequences = rng.random() < 0.3
    depth = int(rng.integers(1, 4))
    for k in range(depth):
        chain.append(recurrent(rng, k < depth - 1 or last_sequences, said))
        if (k < depth - 1 or last_sequences) and rng.random() < 0.2:
            chain.append(layers.TimeDistributed(layers.Dense(3, activation=str(rng.choice(["relu", "linear"])))))
            if chain[-1].layer.get_config()["activation"] == "linear" and rng.random() < 0.5:
                chain.append(layers.Activation("tanh"))
        elif rng.random() < 0.2:
            chain.append(layers.Dropout(0.1))
    activation = str(rng.choice(["linear", "softmax", "sigmoid", "tanh", "relu"]))
    if rng.random() < 0.05:
        activation = "gelu"
        said.append("activation")
    if rng.random() < 0.3:
        chain += [layers.Dense(2, use_bias=rng.random() < 0.7), layers.Activation(activation)]
    else:
        chain.append(layers.Dense(2, activation=activation, use_bias=rng.random() < 0.7))
    given = keras.Input(shape)
    if rng.random() < 0.5:
        model = keras.Sequential([given, *chain])
    else:
        signal = given
        for layer in chain:
            signal = layer(signal)
        model = keras.Model(given, signal)
    for layer in model.layers:
        layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    if rng.random() < 0.3:
        model.compile("adam", "mse")
    return model, x, mask, said


def main(folder: str, count: int, seed: int) -> None:
    """Write `count` networks."""
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        keras.utils.clear_session()
        model, x, mask, said = network(rng)
        y = np.asarray(model(x, training=False))
        model.save(f"{folder}/{k}.keras")
        model.save(f"{folder}/{k}.h5")
        model.save_weights(f"{folder}/{k}.weights.h5")
        counts = np.ones(x.shape[:2], bool) if mask is None else mask
        np.savez(f"{folder}/{k}.npz", x=x, y=y, counts=counts, said=np.array(said, dtype=str))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
