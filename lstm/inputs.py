"""`Input`: what a model's input looks like, said before its layers, as Keras 3 has it."""

from __future__ import annotations

from .lacking import explained
from .layers import positive_integer


class Input:
    """Stands first in a `Sequential`, which then has weights as soon as it has layers: `Sequential([Input((None, 3)), LSTM(8)])`.

    Parameters
    ----------
    shape : of one example: (time, features), (time,) of whole numbers, or (features,). The time may be None
    batch_size : taken because Keras takes it; None for any
    dtype : likewise: whether an input is whole numbers follows from the first layer
    batch_shape : the shape with the batch in front, in place of `shape`
    """

    @explained
    def __init__(
        self,
        shape: tuple[int | None, ...] | None = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        *,
        batch_shape: tuple[int | None, ...] | None = None,
    ) -> None:
        whole = batch_shape if shape is None else (batch_size, *shape) if isinstance(shape, (tuple, list)) else shape
        if not isinstance(whole, (tuple, list)) or len(whole) not in (2, 3):
            raise ValueError(f"shape must be that of one example, (time, features), (time,) or (features,), got {shape!r}")
        for n in whole:
            if n is not None:
                positive_integer(n, "every entry of shape that is not None")
        self.batch_shape: tuple[int | None, ...] = tuple(whole)

    def __repr__(self) -> str:
        return f"Input(batch_shape={self.batch_shape})"
