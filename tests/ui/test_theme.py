"""The colours: equal in theme.py and config.toml, visible on both backgrounds, told apart by colour-blind readers."""

import tomllib
from itertools import combinations

import numpy as np
import pytest

from ui.frame import ROOT
from ui.theme import COLOURS, CSS, MARKDOWN, ON_PRIMARY

CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
SHOWN_TOGETHER = ("i", "f", "g", "o", "c", "h")
CONFIG_NAMES = {"blue": "i", "orange": "f", "green": "g", "violet": "o", "yellow": "c"}


def linear(colour):
    channels = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2: (L₁ + .05) / (L₂ + .05) with relative luminance L = .2126 R + .7152 G + .0722 B."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


# What readers with a colour deficiency see, in linear RGB: Machado, Oliveira & Fernandes (2009), severity 1.
SEES = {
    "trichromat": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanope": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(rgb):
    """CIELAB under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, eyes):
    """CIE 1976 ΔE; 2.3 is just noticeable."""
    seen = [lab(np.clip(SEES[eyes] @ linear(c), 0, 1)) for c in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_contrast_knows_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_config_toml_says_the_same(scheme):
    theme, palette = CONFIG["theme"][scheme], COLOURS[scheme]
    assert theme["backgroundColor"] == palette["background"]
    assert theme["secondaryBackgroundColor"] == palette["surface"]
    assert theme["textColor"] == palette["text"] == palette["h"]
    assert {name: theme[f"{name}Color"] for name in CONFIG_NAMES} == {
        name: palette[gate] for name, gate in CONFIG_NAMES.items()
    }
    assert theme["chartCategoricalColors"] == [palette[name] for name in SHOWN_TOGETHER]


def test_markdown_and_css_name_the_same_colours():
    assert {colour: gate for gate, colour in MARKDOWN.items()} == CONFIG_NAMES
    for gate, colour in MARKDOWN.items():
        assert CSS[gate] == f"var(--st-{colour}-color)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_stands_out_from_both_backgrounds(scheme):
    palette = COLOURS[scheme]
    for ground in ("background", "surface"):
        for name, colour in palette.items():
            if name not in ("background", "surface"):
                assert contrast(colour, palette[ground]) >= 3, (scheme, name, ground)
    assert contrast(palette["muted"], palette["background"]) >= 4.5  # it is used for words


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_buttons_in_captions_and_in_code(scheme):
    palette = COLOURS[scheme]
    assert contrast(ON_PRIMARY[scheme], CONFIG["theme"][scheme]["primaryColor"]) >= 4.5
    for name in ("muted", "i", "c", "text"):  # captions; keywords and literals of code
        assert contrast(palette[name], palette["background"]) >= 4.5
        assert contrast(palette[name], palette["surface"]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("eyes", list(SEES))
def test_no_two_colours_look_alike_to_any_reader(scheme, eyes):
    palette = COLOURS[scheme]
    for one, other in combinations(SHOWN_TOGETHER, 2):
        assert difference(palette[one], palette[other], eyes) >= 15, (scheme, eyes, one, other)
    for one, other in combinations(("train", "validation", "test", "baseline"), 2):
        assert difference(palette[one], palette[other], eyes) >= 10, (scheme, eyes, one, other)


def test_the_public_limits_are_set():
    assert CONFIG["client"] == {"showSidebarNavigation": False, "showErrorDetails": "none", "toolbarMode": "viewer"}
    server = {"fileWatcherType": "none", "maxUploadSize": 5, "enableXsrfProtection": True, "enableCORS": True}
    assert CONFIG["server"] == server
    assert CONFIG["runner"]["postScriptGC"] is False
    assert CONFIG["browser"]["gatherUsageStats"] is False
