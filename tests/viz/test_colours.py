"""Colours: enough contrast, and apart for colour-blind people."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fleet.events import RobotStatus
from viz.colours import FAULT, LOADED, PALETTES, SILENT, WAITING, Palette, categories

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
