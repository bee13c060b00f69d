"""Colours: enough contrast, and apart for colour-blind people."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fleet.events import RobotStatus, TourState
from viz.city_view import line_colour
from viz.colours import (
    ARROW_CONTRAST,
    FAULT,
    HEAT_ALPHA,
    LOADED,
    PALETTES,
    SILENT,
    WAITING,
    Palette,
    at_contrast,
    categories,
    mix,
)

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def linear(colour: tuple[int, int, int]) -> np.ndarray:
    c = np.array(colour) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG's ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x = xyz @ rgb / [0.9505, 1, 1.089]
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_contrast(palette: Palette) -> None:
    """Text has 7:1 on the panel, labels 4.5:1, robots and marks 3:1 on the floor."""
    assert contrast(palette.text, palette.ground) >= 7
    assert contrast(palette.label, palette.ground) >= 4.5
    assert contrast(palette.text, palette.raised) >= 7
    assert contrast(palette.fault, palette.ground) >= 3
    for colour in (palette.idle, palette.empty, palette.loaded, palette.fault, palette.select):
        assert contrast(colour, palette.floor) >= 3
    for colour in (palette.empty, palette.loaded, palette.fault):
        assert contrast(palette.ink, colour) >= 3


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_what_lies_behind_is_read(palette: Palette) -> None:
    """Tours that are ready or out have 3:1, arrows 2.5:1, heat's first colour 1.5:1."""
    for tour in range(len(palette.tours)):
        for state, least in ((TourState.OUT, 4), (TourState.READY, 3), (TourState.SORTING, 1.9)):
            assert contrast(line_colour(palette, tour, state), palette.ground) >= least
        calm = line_colour(palette, tour, TourState.DONE)
        assert 1.3 <= contrast(calm, palette.ground) <= 1.6
    arrow = at_contrast(palette.label, palette.floor, ARROW_CONTRAST)
    assert 2.4 <= contrast(arrow, palette.floor) <= 2.8
    seen = [mix(palette.floor, colour, HEAT_ALPHA / 255) for colour in palette.heat]
    steps = [contrast(colour, palette.floor) for colour in seen]
    assert steps[0] >= 1.5
    assert steps == sorted(steps)


def test_a_colour_is_mixed_down_to_a_contrast() -> None:
    """As far as asked, and not at all where it has less itself."""
    assert contrast(at_contrast((255, 255, 255), (0, 0, 0), 4.5), (0, 0, 0)) == pytest.approx(
        4.5, abs=0.1
    )
    assert at_contrast((40, 40, 40), (0, 0, 0), 21) == (40, 40, 40)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_robots_differ_for_everyone(palette: Palette, vision: str) -> None:
    """The four robot colours are at least 20 apart in CIE L*a*b*, however one sees."""
    colours = (palette.idle, palette.empty, palette.loaded, palette.fault)
    seen = [lab(np.clip(VISION[vision] @ linear(c), 0, 1)) for c in colours]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) >= 20


def test_each_robot_is_in_one_category() -> None:
    """Silence hides everything, a fault hides waiting, waiting hides the way."""
    codes = [
        RobotStatus.LOADED,
        RobotStatus.LOADED | RobotStatus.WAITING,
        RobotStatus.FAULT | RobotStatus.WAITING,
        RobotStatus.FAULT | RobotStatus.SILENT,
    ]
    found = categories(np.array(codes, np.uint8)).tolist()
    assert found == [LOADED, WAITING, FAULT, SILENT]
