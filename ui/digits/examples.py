"""Digits for those who cannot draw: lines of a pen, written for the lab, a few of them hard to tell apart."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from lstm.preprocessing.image import Strokes, rendered
from ui.digits.canvas import PEN, SIDE


def _arc(
    x: float, y: float, across: float, down: float, start: float, end: float, points: int = 24
) -> list[tuple[float, float]]:
    """Points of an ellipse around (x, y); angles in turns, 0 to the right, growing clockwise."""
    turns = (start + (end - start) * k / (points - 1) for k in range(points))
    return [(x + across * cos(2 * pi * t), y + down * sin(2 * pi * t)) for t in turns]


STROKES: dict[str, Strokes] = {
    "0": [_arc(0.5, 0.5, 0.2, 0.33, -0.25, 0.75)],
    "1": [[(0.4, 0.3), (0.53, 0.17), (0.5, 0.83)]],
    "2": [[*_arc(0.49, 0.35, 0.19, 0.18, -0.47, 0.12), (0.3, 0.82), (0.74, 0.8)]],
    "3": [[*_arc(0.47, 0.33, 0.18, 0.16, -0.42, 0.25), *_arc(0.47, 0.66, 0.21, 0.17, -0.25, 0.42)]],
    "4": [[(0.36, 0.17), (0.29, 0.54), (0.7, 0.52)], [(0.64, 0.2), (0.6, 0.85)]],
    "5": [[(0.68, 0.18), (0.38, 0.19), (0.35, 0.46), *_arc(0.46, 0.62, 0.22, 0.19, -0.3, 0.4)]],
    "6": [[(0.62, 0.15), (0.45, 0.3), (0.35, 0.52), *_arc(0.5, 0.65, 0.17, 0.17, -0.5, 0.48)]],
    "7": [[(0.3, 0.2), (0.7, 0.19), (0.45, 0.84)]],
    "8": [[*_arc(0.5, 0.33, 0.15, 0.16, 0.2, -0.75), *_arc(0.5, 0.67, 0.18, 0.18, -0.25, 0.8)]],
    "9": [[*_arc(0.48, 0.36, 0.16, 0.17, 0.0, -1.0), (0.64, 0.36), (0.6, 0.84)]],
    "a 7 with a bar": [[(0.3, 0.2), (0.7, 0.19), (0.45, 0.84)], [(0.36, 0.53), (0.68, 0.5)]],
    "a closed 4": [[(0.55, 0.16), (0.28, 0.55), (0.73, 0.53)], [(0.57, 0.15), (0.6, 0.86)]],
}
NAMES = tuple(STROKES)


def example(name: str) -> np.ndarray:
    """The drawing of that name, as the canvas would send it."""
    return rendered(STROKES[name], SIDE, PEN)
