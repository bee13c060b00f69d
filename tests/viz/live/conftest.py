"""What viewers' tests share: a stand-in for a controller, and a viewer that follows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.viz.live.stand_in import PATIENCE_SECONDS, Controller
from viz.live.source import Live


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[Controller]:
    """Return a controller at its first tick."""
    made = Controller(tmp_path)
    yield made
    made.close()


@pytest.fixture
def live(controller: Controller) -> Iterator[Live]:
    """Return a viewer that has its snapshot and is subscribed."""
    result: list[Live] = []
    opener = threading.Thread(
        target=lambda: result.append(
            Live(controller.address, patience=PATIENCE_SECONDS, silence=0.5)
        )
    )
    opener.start()
    controller.until(lambda: bool(result))
    opener.join()
    # The subscription has arrived where it is received from the XPUB socket.
    controller.until(lambda: bool(controller.feed.poll(0)))
    controller.feed.recv()
    asks = len(controller.asked)
    controller.until(lambda: len(controller.asked) > asks or asks >= 2)
    yield result[0]
    result[0].close()
