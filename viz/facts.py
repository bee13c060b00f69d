"""What the panel is told besides scene and frame, and where on it one can click."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pygame

from viz.frame import Curves
from viz.view import Selection


class Line(NamedTuple):
    """A line of a story: a label and a value, or a sentence where there is no label."""

    label: str
    value: str
    to: Selection | None = None  # what a click on it selects
    at: float | None = None  # and to which tick it goes
    late: bool = False  # what it tells is late
    told: int = 1  # of so many things
    rank: int = 0  # lines of the highest go first where there is no room for all


def fitting(story: list[Line], most: int) -> tuple[list[Line], int]:
    """Return the lines of a story that fit into so many, and how many things are not told then.

    Of two that are as dear the later one goes; a line that counts the rest has room left for it.
    """
    if len(story) <= most:
        return story, 0
    by_rank = sorted(range(len(story)), key=lambda k: (story[k].rank, k))
    kept = sorted(by_rank[: max(most - 1, 0)])
    left = sum(line.told for line in story) - sum(story[k].told for k in kept)
    return [story[k] for k in kept], left


@dataclass
class Facts:
    """What the panel tells besides scene and frame."""

    state: str = "replay"
    curves: Curves | None = None
    alarms: np.ndarray | None = None  # dtype ALARM, all that are known
    happened: int = 0  # so many of them by now
    story: list[Line] = field(default_factory=list)  # of what is selected
    story_title: str = ""
    ended: bool = False
    timed: bool = True  # time passes here
    heat_top: float = 0.0  # from which number on cells have the heat map's last colour; 0: no map


@dataclass
class Spots:
    """Where on the panel one can click, in pixels."""

    legend: list[tuple[pygame.Rect, int]] = field(default_factory=list)
    story: list[tuple[pygame.Rect, Line]] = field(default_factory=list)
    events: list[tuple[pygame.Rect, int]] = field(default_factory=list)  # row of the alarms
    groups: list[tuple[pygame.Rect, int]] = field(default_factory=list)  # `events.GROUPS`; -1: own
    listed: int = 0  # events
