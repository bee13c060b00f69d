"""Random keys and mouse: whatever a hand does, the window goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pygame

from viz.session import Session

EVENTS_A_PICTURE = 250
SECONDS_AN_EVENT = 0.01
KEYS = [
    getattr(pygame, name) for name in dir(pygame) if name.startswith("K_") and name != "K_q"
]  # Q would end it


def random_events(
    rng: np.random.Generator, count: int, size: tuple[int, int]
) -> Iterator[pygame.event.Event]:
    """Yield events as a hand on keyboard and mouse might make them, sensible or not."""
    make = pygame.event.Event
    for _ in range(count):
        place = int(rng.integers(-20, size[0] + 20)), int(rng.integers(-20, size[1] + 20))
        match rng.integers(0, 6):
            case 0 | 1:
                text = chr(int(rng.integers(32, 127))) if rng.random() < 0.7 else ""
                mod = pygame.KMOD_SHIFT if rng.random() < 0.3 else 0
                yield make(pygame.KEYDOWN, key=int(rng.choice(KEYS)), unicode=text, mod=mod)
            case 2:
                yield make(pygame.MOUSEBUTTONDOWN, pos=place, button=int(rng.integers(1, 8)))
            case 3:
                yield make(pygame.MOUSEBUTTONUP, pos=place, button=int(rng.integers(1, 4)))
            case 4:
                rel = int(rng.integers(-90, 90)), int(rng.integers(-90, 90))
                yield make(pygame.MOUSEMOTION, pos=place, rel=rel, buttons=(1, 0, 0))
            case _:
                y = int(rng.integers(-9, 10))
                yield make(pygame.MOUSEWHEEL, x=0, y=y, precise_y=float(y))


def try_events(
    session: Session, surface: pygame.Surface, count: int, *, seed: int
) -> dict[str, object]:
    """Let a session take in random events, and draw it now and then; tell what raised, if any."""
    began = time.process_time()
    session.draw(surface)
    number, event = 0, None
    try:
        rng = np.random.default_rng(seed)
        for number, event in enumerate(random_events(rng, count, surface.get_size()), 1):
            session.handle(event)
            session.advance(SECONDS_AN_EVENT)
            if number % EVENTS_A_PICTURE == 0:
                session.draw(surface)
    except Exception as error:  # whatever it is, it is what is looked for
        return {
            "ok": False,
            "events": number,
            "seed": seed,
            "error": f"event {number}, {event}: {type(error).__name__}: {error}",
        }
    return {
        "ok": True,
        "events": number,
        "seed": seed,
        "pictures": 1 + number // EVENTS_A_PICTURE,
        "cpu_seconds": round(time.process_time() - began, 1),
    }
