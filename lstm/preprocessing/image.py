"""From a drawing to an image like those of the data sets, and what can be done to such an image.

MNIST's digits were scaled, keeping their proportions, into a box of 20 × 20 pixels with smoothed edges, and moved so
that their centre of mass is the centre of 28 × 28 pixels (LeCun et al. 1998). `centred` does the same to a drawing.
Every image here is an array (rows, columns) of numbers from 0, paper, to 1, ink; batches have one axis more in front.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SIDE, BOX = 28, 20
MAX_SIDE = 512
FAINT = 0.05
"""Less ink than this share of the darkest pixel does not count as drawn."""

Strokes = Sequence[Sequence[tuple[float, float]]]
"""Lines as points (x, y) from 0 to 1, x to the right and y downwards."""


def from_browser(message: object, side: int) -> np.ndarray:
    """The drawing in what a browser sent: `side`·`side` integers from 0 to 255, row by row.

    Raises
    ------
    ValueError
        One sentence, if the message is anything else. Nothing that a browser sends is believed.
    """
    if not isinstance(message, list) or len(message) != side * side:
        got = f"{len(message):,} values" if isinstance(message, list) else type(message).__name__
        raise ValueError(f"the drawing must be a list of {side * side:,} numbers, got {got}")
    for value in message:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
            raise ValueError(f"the drawing must hold whole numbers from 0 to 255, got {str(value)[:20]!r}")
    return np.array(message, np.float32).reshape(side, side) / 255


def rendered(strokes: Strokes, side: int = 84, pen: float = 0.08) -> np.ndarray:
    """Lines drawn with a round pen of width `pen` (the side is 1), edges smoothed."""
    centres = (np.arange(side) + 0.5) / side
    x, y = centres[None, :], centres[:, None]
    nearest = np.full((side, side), np.inf)
    for stroke in strokes:
        points = list(stroke)
        for (x0, y0), (x1, y1) in zip(points, points[1:] or points):
            dx, dy = x1 - x0, y1 - y0
            length = dx * dx + dy * dy
            along = np.clip(((x - x0) * dx + (y - y0) * dy) / length, 0, 1) if length else 0.0
            nearest = np.minimum(nearest, np.hypot(x - x0 - along * dx, y - y0 - along * dy))
    return np.clip((pen / 2 - nearest) * side + 0.5, 0, 1).astype(np.float32)


def centred(drawing: np.ndarray, side: int = SIDE, box: int = BOX) -> np.ndarray:
    """The drawing as MNIST would have it: longest side `box` pixels, centre of mass in the centre of `side` × `side`.

    Raises
    ------
    ValueError
        If the drawing is empty, or no image.
    """
    ink = scaled(_ink(drawing), box)
    rows, columns = ink.shape
    weight = ink.sum()
    # As in MNIST: whole pixels, so that the centre of mass is at most half a pixel from (14, 14).
    top = round(side / 2 - float(ink.sum(axis=1) @ np.arange(rows)) / weight)
    left = round(side / 2 - float(ink.sum(axis=0) @ np.arange(columns)) / weight)
    top, left = (min(max(at, 0), side - n) for at, n in ((top, rows), (left, columns)))
    image = np.zeros((side, side), np.float32)
    image[top : top + rows, left : left + columns] = ink
    return image


def coarse(drawing: np.ndarray, side: int = 8) -> np.ndarray:
    """The drawing as in the 8 × 8 digits: as high as the image, in its middle, each pixel the ink of a cell.

    Those were written with a thick pen. Ink counts double here, so that a thinner pen looks the same.
    """
    ink = scaled(_ink(drawing), 4 * side)
    fine = np.zeros((4 * side, 4 * side), np.float32)
    top, left = ((4 * side - n) // 2 for n in ink.shape)
    fine[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return np.minimum(2 * fine.reshape(side, 4, side, 4).mean(axis=(1, 3)), 1.0).astype(np.float32)


def _ink(drawing: np.ndarray) -> np.ndarray:
    """The smallest rectangle with everything that is drawn, its darkest pixel 1."""
    drawing = np.asarray(drawing, np.float32)
    if drawing.ndim != 2 or not 0 < max(drawing.shape) <= MAX_SIDE:
        raise ValueError(f"drawing must have two dimensions of at most {MAX_SIDE} pixels, got shape {drawing.shape}")
    if not np.isfinite(drawing).all() or drawing.min(initial=0) < 0:
        raise ValueError("drawing must hold finite numbers of 0 or more")
    darkest = drawing.max(initial=0)
    if darkest <= 0:
        raise ValueError("the canvas is empty: draw a digit first")
    drawing = drawing / darkest
    rows, columns = (np.flatnonzero((drawing > FAINT).any(axis=axis)) for axis in (1, 0))
    return drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled(image: np.ndarray, longest: int) -> np.ndarray:
    """The image in another size, edges smoothed: its longer side becomes `longest` pixels, its darkest pixel 1."""
    rows, columns = image.shape
    factor = longest / max(rows, columns)
    wanted = [max(1, round(n * factor)) for n in (rows, columns)]
    out = _resampling(rows, wanted[0]) @ image.astype(np.float64) @ _resampling(columns, wanted[1]).T
    return (out / out.max()).astype(np.float32)


def _resampling(old: int, new: int) -> np.ndarray:
    """(new, old): every new pixel as a weighted mean of old ones, under a triangle as wide as two pixels, old or new."""
    step = old / new
    reach = max(step, 1.0)
    centres = (np.arange(new) + 0.5) * step - 0.5
    weights = np.maximum(1 - np.abs(np.arange(old)[None, :] - centres[:, None]) / reach, 0)
    return weights / weights.sum(axis=1, keepdims=True)


# What can be done to an image -----------------------------------------------------------------------------------


def without_bottom(image: np.ndarray, rows: int) -> np.ndarray:
    """The image with its last `rows` rows blank."""
    out = image.copy()
    if rows > 0:
        out[-rows:] = 0
    return out


def shifted(image: np.ndarray, right: int, down: int) -> np.ndarray:
    """The image moved by whole pixels; what leaves it is lost."""
    out = np.zeros_like(image)
    rows, columns = image.shape
    height, width = rows - abs(down), columns - abs(right)
    if height > 0 and width > 0:
        y, x = max(down, 0), max(right, 0)
        out[y : y + height, x : x + width] = image[y - down : y - down + height, x - right : x - right + width]
    return out


def noisy(image: np.ndarray, amount: float, seed: int = 0) -> np.ndarray:
    """The image with normal noise of standard deviation `amount` on every pixel, cut off at paper and ink."""
    noise = np.random.default_rng(seed).normal(0.0, 1.0, image.shape)
    return np.clip(image + amount * noise, 0, 1).astype(np.float32)


def upside_down(image: np.ndarray) -> np.ndarray:
    """The image turned by half a turn."""
    return image[::-1, ::-1].copy()


def rotated(image: np.ndarray, degrees: float) -> np.ndarray:
    """The image turned around its centre, clockwise."""
    turn = np.deg2rad(np.array([degrees], np.float32))
    one = np.ones_like(turn)
    return affine(image[None], np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn), 0 * one, 0 * one)[0]


def varied(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Each image of a batch a little different, as if written by another hand.

    At strength 1 it is turned by up to 10°, made wider or narrower and higher or lower by up to 10 %, slanted by up to
    10 % and moved by up to a twentieth of its side, each drawn uniformly.
    """
    draws = rng.uniform(-strength, strength, (6, len(images))).astype(np.float32)
    turn = draws[0] * np.float32(np.deg2rad(10))
    wider, higher, slant = 1 + 0.1 * draws[1], 1 + 0.1 * draws[2], 0.1 * draws[3]
    cos, sin, reach = np.cos(turn), np.sin(turn), np.float32(images.shape[-1] / 20)
    return affine(images, cos * wider, sin + slant, -sin, cos * higher, reach * draws[4], reach * draws[5])


def affine(
    images: np.ndarray, xx: np.ndarray, xy: np.ndarray, yx: np.ndarray, yy: np.ndarray, dx: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    """Images (digits, rows, columns) whose pixel (x, y), counted from the centre, is that of the old image at
    (xx·x + xy·y + dx, yx·x + yy·y + dy), by bilinear interpolation; outside there is paper. Each factor is (digits,)."""
    digits, rows, columns = images.shape
    y, x = (np.arange(n, dtype=np.float32) - np.float32((n - 1) / 2) for n in (rows, columns))
    y, x = y[None, :, None], x[None, None, :]

    def factor(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[:, None, None]

    padded = np.zeros((digits, rows + 2, columns + 2), np.float32)  # a frame of paper
    padded[:, 1:-1, 1:-1] = images
    at_x, at_y = factor(xx) * x + factor(xy) * y, factor(yx) * x + factor(yy) * y
    for at, shift, size in ((at_x, dx, columns), (at_y, dy, rows)):
        at += factor(shift) + np.float32((size + 1) / 2)
        np.clip(at, 0, np.float32(size + 0.999), out=at)
    left, top = at_x.astype(np.int32), at_y.astype(np.int32)
    at_x -= left
    at_y -= top
    width = columns + 2
    top *= width
    top += left
    top += (np.arange(digits, dtype=np.int32) * ((rows + 2) * width))[:, None, None]
    flat = padded.reshape(-1)

    def between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
        other -= one
        other *= share
        other += one
        return other

    upper = between(flat.take(top), flat[1:].take(top), at_x)
    lower = between(flat[width:].take(top), flat[width + 1 :].take(top), at_x)
    return between(upper, lower, at_y)
