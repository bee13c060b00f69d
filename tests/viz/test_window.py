"""A whole window: under random input, and on a virtual screen with real events."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.viz.desk import Desk
from viz.bench_events import try_events


@pytest.mark.slow
def test_no_input_raises(desk: Desk) -> None:
    """10,000 random events, a picture now and then, pass without an exception."""
    figures = try_events(desk.session, desk.surface, 10_000, seed=5)
    assert figures["ok"], figures
    assert not desk.session.quit


def test_an_event_that_raises_is_told(desk: Desk) -> None:
    """Its number and what it was, so that it can be tried again."""
    desk.session.mouse.wheel = None  # type: ignore[assignment, method-assign]
    figures = try_events(desk.session, desk.surface, 200, seed=5)
    assert not figures["ok"]
    assert "NoneType" in str(figures["error"])


SCRIPT = """
import sys
import numpy as np
import pygame
from viz import app
from viz.source import open_source
from viz.view import View

source, log = open_source(sys.argv[1]), []
frames = 0
def act(session):
    global frames
    frames += 1
    size = pygame.display.get_surface().get_size()
    post = pygame.event.post
    event = pygame.event.Event
    track = session.drawn.track
    if frames == 3:
        log.append(session.view.floor_camera.scale)
        pygame.mouse.set_pos((200, 200))
    if frames == 6:
        post(event(pygame.MOUSEWHEEL, x=0, y=3, precise_y=3.0, which=0, flipped=False))
    if frames == 9:
        log.append(session.view.floor_camera.scale)
        post(event(pygame.MOUSEBUTTONDOWN, pos=(track.centerx, track.centery), button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=(track.centerx, track.centery), button=1))
    if frames == 12:
        log.append(session.time)
        x = session.view.floor_camera.x
        log.append(x)
        post(event(pygame.MOUSEBUTTONDOWN, pos=(300, 300), button=1))
        post(event(pygame.MOUSEMOTION, pos=(340, 300), rel=(40, 0), buttons=(1, 0, 0)))
        post(event(pygame.MOUSEBUTTONUP, pos=(340, 300), button=1))
    if frames == 15:
        log.append(session.view.floor_camera.x)
        view, frame = session.view, session.drawn.frame
        row, column = divmod(int(frame.cells[1]), session.source.scene.floor.width)
        view.floor_camera.centre(column + 0.5, row + 0.5)
        x, y = view.floor_camera.to_screen(np.array(column + 0.5), np.array(row + 0.5))
        place = round(float(x)), round(float(y))
        post(event(pygame.MOUSEBUTTONDOWN, pos=place, button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=place, button=1))
    if frames == 18:
        log.append((session.view.selection.kind, session.view.selection.number))
        rect, kind = session.drawn.spots.legend[0]
        post(event(pygame.MOUSEBUTTONDOWN, pos=rect.center, button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=rect.center, button=1))
    if frames == 21:
        log.append(len(session.view.hidden))
        pygame.display.set_mode((700, 500), pygame.RESIZABLE)
        post(event(pygame.KEYDOWN, key=pygame.K_TAB, unicode="\\t", mod=0))
    if frames == 24:
        log.append((session.view.shown, session.drawn.layout.size, pygame.display.get_caption()[0]))
        post(event(pygame.QUIT))
    assert frames < 100
app.show(source, View(), (900, 600), on_frame=act)
print(pygame.display.get_init(), log)
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no virtual screen here")
def test_a_real_window(run_folder: Path) -> None:
    """On a virtual screen it zooms, seeks, pans, selects, filters, resizes, has a title, closes."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writing)
        number = os.read(reading, 20).decode().strip()
        env = {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
        command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(run_folder)]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        os.close(reading)
        screen.terminate()
        screen.wait()
    opened, log = done.stdout.strip().split("\n")[-1].split(" ", 1)
    before, after, time, x, dragged, selected, hidden, (shown, size, caption) = eval(log)
    assert opened == "False"
    assert after == pytest.approx(before * 1.25**3)
    assert time > 0
    assert dragged < x
    assert selected == ("robot", 1)
    assert hidden == 1
    assert shown == "city"
    assert size == (700, 500)
    assert caption.startswith("run — replay")
