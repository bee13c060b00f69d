"""Colours and robot categories, and two palettes that colour-blind people can read.

Robots use four hues only (Okabe and Ito, "Color Universal Design", 2008, and darker kin on light
ground); every category differs from the others by shape too.  Tests check contrast and distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from fleet.events import ParcelState, RobotStatus

Colour: TypeAlias = tuple[int, int, int]


def rgb(text: str) -> Colour:
    """Return `#RRGGBB` as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; share 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Return how light a colour is seen, from 0 to 1 (WCAG 2)."""
    parts = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(1000)
def at_contrast(colour: Colour, ground: Colour, ratio: float) -> Colour:
    """Return a colour mixed with the ground as far as leaves it such a contrast, if it has it."""
    low, high = 0.0, 1.0
    for _ in range(8):
        share = (low + high) / 2
        if contrast(mix(colour, ground, share), ground) >= ratio:
            low = share
        else:
            high = share
    return mix(colour, ground, low)


@dataclass(frozen=True)
class Palette:
    """One set of colours for everything that is drawn."""

    name: str
    ground: Colour  # window, panel
    raised: Colour  # buttons, bars' background
    edge: Colour  # hair lines
    text: Colour
    label: Colour
    accent: Colour  # play head, selected buttons
    floor: Colour
    grid: Colour
    block: Colour
    station: Colour
    chute: Colour
    reject: Colour
    charger: Colour
    lane: Colour
    idle: Colour
    empty: Colour
    loaded: Colour
    fault: Colour
    ink: Colour  # marks on top of a robot
    select: Colour
    heat: tuple[Colour, ...]
    tours: tuple[Colour, ...]


DARK = Palette(
    name="dark",
    ground=rgb("#14171C"),
    raised=rgb("#252B34"),
    edge=rgb("#343B46"),
    text=rgb("#DCE0E6"),
    label=rgb("#9AA0A6"),
    accent=rgb("#56B4E9"),
    floor=rgb("#1E2229"),
    grid=rgb("#262B33"),
    block=rgb("#363B45"),
    station=rgb("#0072B2"),
    chute=rgb("#2F4A4A"),
    reject=rgb("#6A4636"),
    charger=rgb("#3C5A34"),
    lane=rgb("#3F4753"),
    idle=rgb("#868D97"),
    empty=rgb("#56B4E9"),
    loaded=rgb("#F0E442"),
    fault=rgb("#D55E00"),
    ink=rgb("#14171C"),
    select=rgb("#FFFFFF"),
    heat=(rgb("#443A94"), rgb("#8442A8"), rgb("#C0407F"), rgb("#F4685D"), rgb("#FCFDBF")),
    tours=tuple(
        rgb(c)
        for c in (
            "#56B4E9", "#E69F00", "#34B98F", "#F0E442", "#CC79A7", "#7C9CF0", "#E5815A", "#B8D46B",
        )
    ),
)  # fmt: skip

LIGHT = Palette(
    name="light",
    ground=rgb("#FFFFFF"),
    raised=rgb("#E9ECF0"),
    edge=rgb("#CBD1D9"),
    text=rgb("#1B2028"),
    label=rgb("#5A626D"),
    accent=rgb("#1D66B0"),
    floor=rgb("#F4F5F7"),
    grid=rgb("#E8EAEE"),
    block=rgb("#B7BEC9"),
    station=rgb("#8DB9DD"),
    chute=rgb("#B5DACF"),
    reject=rgb("#E3C3B3"),
    charger=rgb("#C7DDB9"),
    lane=rgb("#C3C9D2"),
    idle=rgb("#82878F"),
    empty=rgb("#2277CC"),
    loaded=rgb("#A87400"),
    fault=rgb("#A8003A"),
    ink=rgb("#FFFFFF"),
    select=rgb("#000000"),
    heat=(rgb("#C9BEE0"), rgb("#B888C0"), rgb("#C2508F"), rgb("#9B1B57"), rgb("#3F0A26")),
    tours=tuple(
        rgb(c)
        for c in (
            "#1D66B0", "#B36B00", "#0B7A5B", "#8A7A00", "#A33F7C", "#4A55C8", "#B5431C", "#5C7A12",
        )
    ),
)  # fmt: skip

PALETTES = {"dark": DARK, "light": LIGHT}

# Contrasts with the ground, of what lies behind what moves.
ARROW_CONTRAST = 2.5  # of arrows on one-way cells: read when looked for
HEAT_ALPHA = 225  # of a heat map over the floor, of 255

# Categories of robots, each robot in exactly one, in the order of the legend.
(
    IDLE, EMPTY, LOADING, LOADED, DROPPING, WAITING, LATE, FAULT, SILENT, PAUSED, OUT, CHARGING,
) = range(12)  # fmt: skip
# Viewers mark late robots (`late.py`) with a bit that no status of the controller's has.
LATE_FLAG, KIND_BITS = 8, 7
CATEGORIES = (
    "idle",
    "to a station",
    "loading",
    "carrying",
    "dropping",
    "waiting",
    "late",
    "fault",
    "silent",
    "paused",
    "out",
    "charging",
)

_KINDS: dict[int, int] = {
    RobotStatus.IDLE: IDLE,
    RobotStatus.EMPTY: EMPTY,
    RobotStatus.LOADED: LOADED,
    RobotStatus.LOADING: LOADING,
    RobotStatus.DROPPING: DROPPING,
    RobotStatus.FAULT: FAULT,
    RobotStatus.CHARGING: CHARGING,
}


def _category_table() -> np.ndarray:
    table = np.zeros(256, np.uint8)
    for code in range(256):
        kind = _KINDS.get(code & KIND_BITS, FAULT)
        if code & RobotStatus.SILENT:
            kind = SILENT
        elif kind != FAULT and code & RobotStatus.OUT:
            kind = OUT
        elif kind != FAULT and code & RobotStatus.PAUSED:
            kind = PAUSED
        elif code & LATE_FLAG:
            kind = LATE
        elif code & RobotStatus.WAITING and kind != FAULT:
            kind = WAITING
        table[code] = kind
    return table


CATEGORY_OF = _category_table()


def categories(status: np.ndarray) -> np.ndarray:
    """Return each robot's category; uint8, from `events.RobotStatus` codes with flags."""
    return CATEGORY_OF[status]


def robot_colour(palette: Palette, kind: int) -> Colour:
    """Return the body colour of a robot by the low three bits of its status."""
    if kind in (RobotStatus.EMPTY, RobotStatus.LOADING):
        return palette.empty
    if kind in (RobotStatus.LOADED, RobotStatus.DROPPING):
        return palette.loaded
    return palette.fault if kind == RobotStatus.FAULT else palette.idle


# Where a parcel is, as the city shows it: one mark per group.
CITY_WAITS, CITY_FLOOR, CITY_CHUTE, CITY_OUT, CITY_DONE, CITY_FAILED = range(6)

CITY_GROUP_OF = np.zeros(256, np.uint8)
CITY_GROUP_OF[ParcelState.ON_ROBOT] = CITY_FLOOR
CITY_GROUP_OF[ParcelState.IN_CHUTE] = CITY_CHUTE
CITY_GROUP_OF[ParcelState.OUT] = CITY_OUT
CITY_GROUP_OF[ParcelState.DELIVERED] = CITY_DONE
for _state in (
    ParcelState.REJECTED,
    ParcelState.CANCELLED,
    ParcelState.MISSING,
    ParcelState.RETURNING,
    ParcelState.RETURNED,
):
    CITY_GROUP_OF[_state] = CITY_FAILED
