"""Making it harder: parts of the digit hidden, moved, turned, noisy, upside down; guess first, then see."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from lstm.preprocessing import image as digit_image
from ui import lesson
from ui.controls import Controls
from ui.digits.models import DigitModel
from ui.digits.row_reader import row_reader

DEFAULTS = {"hide": 0, "right": 0, "down": 0, "turn": 0, "noise": 0.0, "flip": False}
controls = Controls("digits_try", DEFAULTS)


def changed(image: np.ndarray) -> np.ndarray:
    """The image with what the controls do to it."""
    found = controls.values()
    if found["flip"]:
        image = digit_image.upside_down(image)
    image = digit_image.rotated(image, found["turn"]) if found["turn"] else image
    image = digit_image.shifted(image, found["right"], found["down"])
    image = digit_image.noisy(image, found["noise"], seed=1) if found["noise"] else image
    return digit_image.without_bottom(image, found["hide"])


def harder(shown: DigitModel, image: np.ndarray) -> None:
    """Controls on the left, what the network makes of it on the right."""
    side = shown.reader.side
    _stay_within({"hide": (0, side - 1), "right": (-side // 2, side // 2), "down": (-side // 2, side // 2)})
    left, right = st.columns([4, 8], gap="medium")
    with left:
        controls.slider("hide", "Hide rows at the bottom", 0, side - 1, 1)
        controls.slider("right", "Shift to the right", -side // 2, side // 2, 1)
        controls.slider("down", "Shift down", -side // 2, side // 2, 1)
        controls.slider("turn", "Turn (degrees)", -90, 90, 5)
        controls.slider("noise", "Noise", 0.0, 1.0, 0.05)
        controls.switch("flip", "Upside down")
        st.button("As it was", key="digits_try_reset", on_click=controls.set, args=({},), icon=":material/undo:")
    altered = changed(image)
    before = shown.believes(image)[-1]
    belief = shown.believes(altered)
    with right:
        row_reader(altered, belief, shown.reader, "digits_harder_reader")
        first, now = int(before.argmax()), int(belief[-1].argmax())
        if np.array_equal(altered, image):
            st.caption("Nothing is changed yet. It was trained on digits that stand upright in the middle.")
        elif first == now:
            st.caption(f"Still a {now}: {belief[-1, now]:.0%} instead of {before[first]:.0%} sure.")
        else:
            st.caption(f"It was a {first} before; now the network takes it for a {now}, {belief[-1, now]:.0%} sure.")


def _stay_within(ranges: Mapping[str, tuple[int, int]]) -> None:
    """A network of smaller images has shorter sliders: a value from before is brought back onto them."""
    for name, (low, high) in ranges.items():
        if not low <= controls[name] <= high:
            controls.put(name, min(max(controls[name], low), high))


def questions(shown: DigitModel, image: np.ndarray) -> None:
    """Predict, then reveal, on the digit on the sheet."""
    left, right, third = st.columns(3, gap="medium")
    answer = int(shown.believes(image)[-1].argmax())
    about = (shown.key, hashlib.sha256(image.tobytes()).hexdigest())
    with left:
        lesson.predict_then_reveal(
            "digits_hide",
            f"It takes your digit for a {answer}. How many of its {len(image)} rows can be hidden from below before it changes "
            "its mind?",
            _ranges(len(image)),
            answer=lambda: _range(can_hide(shown, image), len(image)),
            explanation=lambda _: hiding_in_words(can_hide(shown, image), answer, image),
            about=about,
        )
    with third:
        lesson.hold_a_gate(
            "digits_held",
            f"It reads your {answer} so. Does it say {answer} still?",
            ["Yes", "No"],
            shown.model,
            lambda model: replace(shown, model=model).believes(image)[-1],
            answer=lambda belief: 0 if int(belief.argmax()) == answer else 1,
            said=lambda belief: held_in_words(answer, belief),
            about=about,
        )
    with right:
        turned = shown.believes(digit_image.upside_down(image))[-1]
        options = _options(turned, answer)
        lesson.predict_then_reveal(
            "digits_flip",
            "It has never seen a digit upside down. For which one does it take yours, turned by half a turn?",
            [str(digit) for digit in options],
            answer=lambda: options.index(int(turned.argmax())),
            explanation=lambda _: (
                f"For a {int(turned.argmax())}, {turned.max():.0%} sure. Ten answers are all it knows: it has no way to say "
                "“none of these”."
            ),
            about=about,
        )


def held_in_words(answer: int, belief: np.ndarray) -> str:
    """What it says with a gate held, going on from "With its forget gate f at 0 "."""
    says = int(belief.argmax())
    return f"it says **{says}**{' still' if says == answer else ''}, {belief[says]:.0%} sure."


def _options(belief: np.ndarray, upright: int) -> list[int]:
    """Four digits to choose from: the answer, the one it is upright, and the next most probable, in order."""
    likely = [int(digit) for digit in np.argsort(-belief, kind="stable")]
    chosen = dict.fromkeys([likely[0], upright, *likely[1:]])
    return sorted(list(chosen)[:4])


def can_hide(shown: DigitModel, image: np.ndarray) -> int:
    """How many rows can be hidden from below, one after the other, with the answer staying the same."""
    hidden = np.stack([digit_image.without_bottom(image, n) for n in range(len(image) + 1)])
    answers = shown.beliefs(hidden)[:, -1].argmax(axis=1)
    other = np.flatnonzero(answers != answers[0])
    return int(other[0]) - 1 if len(other) else len(image)


def hiding_in_words(rows: int, answer: int, image: np.ndarray) -> str:
    """How many rows could be hidden, and how many of them held nothing."""
    if rows >= len(image):
        return f"All of them: even a blank sheet is taken for a {answer}."
    inked = np.flatnonzero(image.any(axis=1))
    empty = min(rows, len(image) - 1 - int(inked[-1]) if len(inked) else len(image))
    blank = f" The lowest {empty} of them are blank, and hiding those takes nothing away." if empty > 1 else ""
    return f"With {rows} rows hidden it still says {answer}; with one more it does not.{blank}"


def _edges(side: int) -> tuple[int, int, int]:
    return (6, 12, 18) if side == 28 else (1, 2, 4)


def _ranges(side: int) -> list[str]:
    a, b, c = _edges(side)
    return [f"0 to {a}", _span(a + 1, b), _span(b + 1, c), f"more than {c}"]


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _range(rows: int, side: int) -> int:
    return sum(rows > edge for edge in _edges(side))
