"""From a drawing to an image: centred and scaled as MNIST was, whatever size and place it was drawn in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.preprocessing import image as digit_image
from lstm.preprocessing.image import (
    affine,
    centred,
    coarse,
    from_browser,
    noisy,
    rendered,
    rotated,
    scaled,
    shifted,
    varied,
)
from ui.digits.examples import NAMES, STROKES, example


@pytest.mark.parametrize("name", NAMES)
def test_longest_side_twenty_and_centre_of_mass_in_the_centre(name):
    image = centred(example(name))
    rows, columns = (np.flatnonzero((image > 0.02).any(axis=axis)) for axis in (1, 0))
    assert 19 <= max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 <= 20
    for axis in (0, 1):
        ink = image.sum(axis=axis)
        assert 13.4 <= ink @ np.arange(28) / ink.sum() <= 14.6
    assert image.min() >= 0 and image.max() == 1


def test_a_scaling_worked_out_by_hand():
    # Two pixels become one: under a triangle two new pixels wide (four old ones), weights 1/4·(…) on both sides alike.
    assert np.allclose(scaled(np.array([[1.0, 1.0], [1.0, 1.0]]), 1), [[1.0]])
    # One row of 1 0 becomes twice as wide: old centres lie at -0.25, 0.25, 0.75, 1.25 of the old pixels.
    wide = scaled(np.array([[1.0, 0.0]]), 4)
    assert wide.shape == (2, 4)
    assert np.allclose(wide[0], [1.0, 0.75, 0.25, 0.0])


@given(dx=st.integers(-20, 20), dy=st.integers(-20, 20), name=st.sampled_from(NAMES), grey=st.floats(0.3, 1.0))
def test_where_and_how_dark_it_was_drawn_changes_nothing(dx, dy, name, grey):
    sheet = np.zeros((140, 140), np.float32)
    sheet[28:112, 28:112] = example(name)
    moved = grey * np.roll(sheet, (dy, dx), axis=(0, 1))
    assert np.allclose(centred(moved), centred(sheet), atol=1e-5)
    assert np.allclose(coarse(moved), coarse(sheet), atol=1e-5)


def test_what_is_centred_already_stays_as_it_is():
    for name in NAMES:
        image = centred(example(name))
        assert np.abs(centred(image) - image).max() < 0.2


def test_a_small_drawing_becomes_as_large_as_a_big_one():
    small = rendered([[(x * 0.4 + 0.1, y * 0.4 + 0.5) for x, y in line] for line in STROKES["7"]], 84, 0.032)
    # The centre of mass may be rounded to the neighbouring pixel; apart from that they are the same.
    moves = [shifted(centred(small), dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert min(np.abs(move - centred(example("7"))).mean() for move in moves) < 0.04


def test_extreme_drawings_stay_in_the_image():
    for drawing in (
        np.eye(84),
        np.ones((84, 84)),
        np.pad(np.ones((1, 1)), 40),
        np.pad(np.ones((80, 1)), ((2, 2), (0, 83))),
    ):
        for image in (centred(drawing), coarse(drawing)):
            assert np.isfinite(image).all() and 0 <= image.min() and image.max() <= 1


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        (np.zeros((84, 84)), "the canvas is empty: draw a digit first"),
        (np.zeros((0, 84)), "the canvas is empty: draw a digit first"),
        (np.zeros((3, 4, 5)), "drawing must have two dimensions of at most 512 pixels, got shape (3, 4, 5)"),
        (np.ones((2000, 2)), "drawing must have two dimensions of at most 512 pixels, got shape (2000, 2)"),
        (np.full((4, 4), np.nan), "drawing must hold finite numbers of 0 or more"),
        (-np.eye(4), "drawing must hold finite numbers of 0 or more"),
    ],
)
def test_no_drawing(drawing, said):
    for prepare in (centred, coarse):
        with pytest.raises(ValueError) as caught:
            prepare(drawing)
        assert str(caught.value) == said


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "the drawing must be a list of 9 numbers, got NoneType"),
        ("0" * 9, "the drawing must be a list of 9 numbers, got str"),
        ({"pixels": []}, "the drawing must be a list of 9 numbers, got dict"),
        ([0] * 8, "the drawing must be a list of 9 numbers, got 8 values"),
        ([0] * 100_000, "the drawing must be a list of 9 numbers, got 100,000 values"),
        ([0] * 8 + [256], "the drawing must hold whole numbers from 0 to 255, got '256'"),
        ([0] * 8 + [-1], "the drawing must hold whole numbers from 0 to 255, got '-1'"),
        ([0] * 8 + [0.5], "the drawing must hold whole numbers from 0 to 255, got '0.5'"),
        ([0] * 8 + [True], "the drawing must hold whole numbers from 0 to 255, got 'True'"),
        ([0] * 8 + [None], "the drawing must hold whole numbers from 0 to 255, got 'None'"),
        ([0] * 8 + [[0]], "the drawing must hold whole numbers from 0 to 255, got '[0]'"),
        ([0] * 8 + ["<script>alert(1)</script>"], "the drawing must hold whole numbers from 0 to 255, got '<script>alert(1)</sc'"),
    ],
)  # fmt: skip
def test_nothing_a_browser_sends_is_believed(message, said):
    with pytest.raises(ValueError) as caught:
        from_browser(message, 3)
    assert str(caught.value) == said


def test_a_drawing_from_the_browser():
    assert from_browser([0, 255, 51, 0], 2).tolist() == [[0, 1], [pytest.approx(0.2), 0]]


def test_what_is_done_to_an_image():
    image = np.arange(9, dtype=np.float32).reshape(3, 3) / 9
    assert np.array_equal(shifted(image, 1, 0) * 9, [[0, 0, 1], [0, 3, 4], [0, 6, 7]])
    assert np.array_equal(shifted(image, 0, -2) * 9, [[6, 7, 8], [0, 0, 0], [0, 0, 0]])
    assert not shifted(image, 5, 0).any()
    assert np.allclose(rotated(image, 90) * 9, [[6, 3, 0], [7, 4, 1], [8, 5, 2]], atol=1e-5)  # clockwise
    assert np.array_equal(digit_image.upside_down(image) * 9, [[8, 7, 6], [5, 4, 3], [2, 1, 0]])
    assert np.array_equal(digit_image.without_bottom(image, 2) * 9, [[0, 1, 2], [0, 0, 0], [0, 0, 0]])
    assert np.array_equal(digit_image.without_bottom(image, 0), image)
    assert np.array_equal(noisy(image, 0.5, 3), noisy(image, 0.5, 3)) and not np.array_equal(
        noisy(image, 0.5, 3), image
    )
    assert 0 <= noisy(image, 5.0).min() and noisy(image, 5.0).max() <= 1


def test_an_affine_map_takes_each_pixel_from_where_it_says():
    image = np.zeros((1, 5, 5), np.float32)
    image[0, 2, 3] = 1
    one, none = np.ones(1), np.zeros(1)
    moved = affine(image, one, none, none, one, one, none)  # pixel x is the old x + 1: the image moves to the left
    assert moved[0, 2, 2] == 1 and moved.sum() == 1
    half = affine(image, one, none, none, one, one / 2, none)
    assert half[0, 2, 2] == half[0, 2, 3] == 0.5


def test_variations_are_small_reproducible_and_keep_the_ink():
    images = np.stack([centred(example(name)) for name in NAMES])
    first, again = (varied(images, 0.5, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(varied(images, 0.0, np.random.default_rng(3)), images)
    assert 0 < np.abs(first - images).mean() < 0.1
    assert np.allclose(first.sum(axis=(1, 2)), images.sum(axis=(1, 2)), rtol=0.2)
    assert first.min() >= 0 and first.max() <= 1.0001
