"""What the panel is told besides scene and frame, and where on it one can click."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pygame

from viz.frame import Curves


@dataclass
class Facts:
    """What the panel tells besides scene and frame."""

    state: str = "replay"
    curves: Curves | None = None
    alarms: np.ndarray | None = None  # dtype ALARM, up to now
    story: list[tuple[str, str]] = field(default_factory=list)  # of what is selected
    story_title: str = ""
    ended: bool = False
    timed: bool = True  # time passes here


@dataclass
class Spots:
    """Where on the panel one can click, in pixels."""

    legend: list[tuple[pygame.Rect, int]] = field(default_factory=list)
    events: list[tuple[pygame.Rect, int]] = field(default_factory=list)  # row of the alarms
