"""A recorded day, made once, and a screen that is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame
import pytest

from tests.fleet.pure_day import TOML, PureDay, write_files
from tests.viz.desk import Desk
from viz.stored.replay import Replay

TROUBLES = """
[troubles]
missing_share = 0.2
failed_share = 0.3
found_seconds = 5.0
"""


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run folder of a whole day with four robots, 14 parcels and some troubles."""
    folder = tmp_path_factory.mktemp("day")
    day = PureDay(folder, write_files(folder, toml=TOML + TROUBLES))
    day.live()
    assert day.over
    day.day.store.close()
    return folder / "run"


@pytest.fixture
def replay(run_folder: Path) -> Iterator[Replay]:
    """Return that day as a source."""
    source = Replay(run_folder)
    yield source
    source.close()


@pytest.fixture
def desk() -> Desk:
    """Return a desk with the made source."""
    pygame.font.init()
    return Desk()
