"""The window: shows a session until it is closed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pygame

from viz.session import Session
from viz.source import Source
from viz.view import View

FRAMES_PER_SECOND = 60


def title(session: Session) -> str:
    """Return what the window's bar says."""
    name, state = session.source.scene.name, session.source.state()
    if session.view.paused:
        state += ", view frozen" if session.source.live else ", paused"
    return f"{name} — {state} — Peakday"


def unit_of_screen(size: tuple[int, int]) -> float:
    """Return pixels per design pixel: larger type on screens with very many pixels."""
    return 1.0 if size[1] < 1700 else (1.5 if size[1] < 2600 else 2.0)


def show(
    source: Source,
    view: View,
    size: tuple[int, int] | None = None,
    *,
    unit: float | None = None,
    on_open: Callable[[Session], None] | None = None,
    on_frame: Callable[[Session], None] | None = None,
) -> None:
    """Open a window on a source and stay until it is closed.

    Parameters
    ----------
    unit
        Pixels per design pixel; None: as the screen asks for.
    on_open
        Is given the session once there is a first picture, before it is seen.
    on_frame
        Is told of each frame.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    os.environ.setdefault("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0")
    pygame.display.init()
    pygame.font.init()
    screen = pygame.display.get_desktop_sizes()[0]
    unit = unit or unit_of_screen(screen)
    if size is None:
        size = min(round(1280 * unit), screen[0]), min(round(800 * unit), screen[1] - 80)
    window: Any = pygame.display.set_mode(size, pygame.RESIZABLE)
    pygame.key.set_repeat(350, 40)
    session = Session(source, view, unit)
    session.draw(window)  # aims the cameras
    if on_open is not None:
        on_open(session)
    ticker = pygame.time.Clock()
    shown_title = ""
    try:
        while not session.quit:
            for event in pygame.event.get():
                session.handle(event)
            session.advance(min(ticker.get_time() / 1000, 0.25))
            window = pygame.display.get_surface() or window
            session.draw(window)
            pygame.display.flip()
            if on_frame is not None:
                on_frame(session)
            if shown_title != title(session):
                shown_title = title(session)
                pygame.display.set_caption(shown_title)
            ticker.tick(FRAMES_PER_SECOND)
    except KeyboardInterrupt:
        pass
    finally:
        source.close()
        pygame.display.quit()
