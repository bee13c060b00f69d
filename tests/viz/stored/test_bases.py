"""Cells released ahead of robots: from a run's orders, and as they go by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fleet import feed
from fleet.events import HORIZON_CELLS, ORDER, RobotStatus
from tests.fleet.pure_day import PureDay, write_files
from viz.live.moment import read_moment
from viz.stored.bases import bases
from viz.stored.replay import Replay


def order(number: int, update: int, start: int, *cells: int) -> np.ndarray:
    """Return one message to robot 0."""
    row = np.zeros(1, ORDER)
    row["order"], row["update"], row["start"] = number, update, start
    row["cells"] = -1
    row["cells"][0, : len(cells)] = cells
    return row


@pytest.mark.parametrize(
    ("sent", "cell", "ahead"),
    [
        ([order(0, 0, 5, 6), order(0, 1, 6, 7)], 5, [6, 7]),
        ([order(0, 0, 5, 6), order(0, 1, 6, 7)], 6, [7]),
        ([order(0, 0, 5, 6), order(0, 1, 6, 7)], 7, []),
        ([order(0, 0, 5, 6), order(1, 0, 6, 9)], 6, [9]),  # a new order
        ([order(0, 0, 5, 6), *[order(0, 1, 6, 7)] * 2], 5, [6, 7]),  # the newest, sent again
        ([order(0, 0, 5, 6), order(1, 0, 5)], 5, []),  # an anchor: it holds nothing ahead
        ([order(3, 1, 6, 7)], 4, []),  # what led there is not known
    ],
)
def test_orders_lead_back_to_where_a_robot_is(
    sent: list[np.ndarray], cell: int, ahead: list[int]
) -> None:
    """What was released and not yet reached is ahead, in order."""
    status = np.array([RobotStatus.EMPTY], np.uint8)
    found = bases(sent[::-1], np.array([cell]), status)
    assert found[0][found[0] >= 0].tolist() == ahead


def test_replayed_and_live_bases_are_the_controllers_own(tmp_path: Path) -> None:
    """At every tick of a day, from orders and from the feed, each robot has its base."""
    run = PureDay(tmp_path, write_files(tmp_path))
    world, own, live = run.day.world, {}, {}
    plain_tick = run.day.tick

    def tick(*args: object, **how: object) -> object:
        effects = plain_tick(*args, **how)  # type: ignore[arg-type]
        own[world.tick] = world.robots["base"].copy()
        body = feed.tick_body(world, effects, speed=1.0, planner_ms=0.0)
        live[world.tick] = read_moment(body).bases
        return effects

    run.day.tick = tick  # type: ignore[assignment]
    run.live(until=200)
    run.day.store.close()
    source = Replay(tmp_path / "run")
    for at, base in own.items():
        assert (source.bases(at) == base).all()
        shown = np.full((len(base), HORIZON_CELLS), -1, np.int32)
        shown[:, : live[at].shape[1]] = live[at]
        assert (shown == base).all()
    assert sum((base >= 0).sum() for base in own.values()) > 100
    source.close()
