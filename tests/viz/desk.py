"""A viewer at work without a window: events go in, pictures come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pygame

from tests.viz.made import Made
from viz.session import Session
from viz.view import View

SIZE = (1000, 800)


class Desk:
    """A session with a surface to draw on."""

    def __init__(self, source: Any = None) -> None:
        self.surface = pygame.Surface(SIZE)
        self.session = Session(source or Made(), View(speed=1.0))
        self.draw()

    def draw(self) -> None:
        self.session.draw(self.surface)

    def key(self, key: int, text: str = "", mod: int = 0) -> None:
        self.session.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=text, mod=mod))
        self.draw()

    def type(self, text: str) -> None:
        for letter in text:
            self.key(ord(letter.lower()), letter)
        self.key(pygame.K_RETURN, "\r")

    def mouse(self, kind: int, place: tuple[int, int], **more: object) -> None:
        self.session.handle(pygame.event.Event(kind, pos=place, **more))

    def click(self, place: tuple[int, int], button: int = 1) -> None:
        self.mouse(pygame.MOUSEBUTTONDOWN, place, button=button)
        self.mouse(pygame.MOUSEBUTTONUP, place, button=button)
        self.draw()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.mouse(pygame.MOUSEBUTTONDOWN, start, button=1)
        rel = end[0] - start[0], end[1] - start[1]
        self.mouse(pygame.MOUSEMOTION, end, rel=rel, buttons=(1, 0, 0))
        self.mouse(pygame.MOUSEBUTTONUP, end, button=1)
        self.draw()

    def pixel(self, column: float, row: float) -> tuple[int, int]:
        camera = self.session.view.floor_camera
        assert camera is not None
        x, y = camera.to_screen(np.array(column), np.array(row))
        return round(float(x)), round(float(y))
