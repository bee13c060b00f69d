"""Following a controller: real sockets, a day in this process behind them."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import numpy as np
import pygame
import pytest

from fleet.events import Operation
from fleet.requests import Request
from fleet.wire import AddressError
from tests.viz.live.stand_in import PATIENCE_SECONDS, Controller
from viz.live.address import reachable
from viz.live.source import Live
from viz.session import Session
from viz.source import SourceError
from viz.view import Selection, View


def test_it_shows_what_the_controller_says(controller: Controller, live: Live) -> None:
    """After some ticks the frame has the world's cells, queues and counts."""
    for _ in range(60):
        controller.tick()
        controller.publish()
    world = controller.day.day.world
    controller.until(lambda: live.span()[1] == world.tick)
    frame = live.frame(world.tick)
    assert (frame.cells == world.robots["cell"]).all()
    assert frame.counts["accepted"] == len(world.parcels)
    assert (frame.parcel_state == world.parcels["state"]).all()
    assert frame.planner_ms == 0.5
    table = live.scene.parcels
    assert table is not None
    assert table.station.tolist() == controller.day.day.book.station.tolist()
    assert np.array_equal(table.due_close, controller.day.day.book.due_close, equal_nan=True)
    base = live.bases(world.tick)
    assert base.tolist() == world.robots["base"][:, : base.shape[1]].tolist()
    assert live.state() == "live"
    assert live.curves().ticks[-1] == world.tick
    heat = live.heat("visits", 0, world.tick)
    assert heat is not None
    assert heat.sum() >= len(world.robots)


def test_times_count_from_before_the_viewer_came(controller: Controller, live: Live) -> None:
    """What was at its station by then counts from when it came there."""
    day = controller.day.day
    assert (day.world.parcels["station_tick"] >= 0).any()
    while (day.world.parcels["sorted_tick"] >= 0).sum() < 3 and day.world.tick < 500:
        controller.tick()
        controller.publish()
        controller.until(lambda: live.span()[1] == day.world.tick)  # a burst may be cut short
    parcels = day.world.parcels[day.world.parcels["sorted_tick"] >= 0]
    took = np.sort(parcels["sorted_tick"] - parcels["station_tick"]).tolist()
    assert len(took) >= 3
    assert np.sort(live.curves().to_chute[1]).tolist() == took


def test_a_parcels_way_is_remembered(controller: Controller, live: Live) -> None:
    """Each state with its tick and place, oldest first; of others nothing."""
    world, ways = controller.day.day.world, dict[int, list[tuple[int, int, int]]]()
    while not any(len(way) > 1 for way in ways.values()) and world.tick < 300:
        controller.tick()
        controller.publish()
        for parcel, state, place in world.log:
            ways.setdefault(parcel, []).append((world.tick, int(state), int(place)))
        controller.until(lambda: live.span()[1] == world.tick)
    assert max(map(len, ways.values())) > 1
    for parcel in range(len(world.parcels)):
        assert live.story(parcel) == ways.get(parcel, [])


def test_a_gap_is_healed(controller: Controller, live: Live) -> None:
    """Where an update is missing, another snapshot is asked for."""
    controller.tick()
    controller.publish()
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)
    controller.tick()  # never sent
    controller.tick()
    controller.publish()
    controller.until(lambda: live.healed == 1)
    assert live.notice() == "missed 1 of the ticks; whole again"
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)
    assert (live.frame(1e9).cells == controller.day.day.world.robots["cell"]).all()


def test_a_controller_that_comes_back_is_followed_again(controller: Controller, live: Live) -> None:
    """It is lost while it is away; a new feed on the same addresses is taken in.

    What an operator asked for meanwhile is not done when it comes back.
    """
    door, feed_address = controller.address, controller.feed_address
    controller.door.close(linger=0)
    controller.feed.close(linger=0)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while live.state() != "lost":
        threading.Event().wait(0.02)
        assert time.monotonic() < deadline
    live.operate(Request("late", Operation.PAUSE))
    while "not sent" not in live.notice():
        threading.Event().wait(0.02)
        assert time.monotonic() < deadline
    controller.open(door, feed_address)
    controller.feed_id, controller.sequence = 2, 0
    controller.until(lambda: live.state() == "live")
    assert live.notice() == "the controller has come back"
    assert all(request["ask"] == "snapshot" for request in controller.asked)
    controller.until(lambda: bool(controller.feed.poll(0)))
    controller.feed.recv()
    controller.tick()
    controller.publish()
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)


def test_another_run_at_the_same_address_takes_the_place_of_the_one_before(
    controller: Controller, live: Live, tmp_path: Path
) -> None:
    """Its epoch and sequence may be as before; floor, curves, parcels' ways and all else go."""
    for _ in range(40):
        controller.tick()
        controller.publish()
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)
    session = Session(live, View())
    session.view.selection = Selection("robot", 3)
    session.draw(pygame.Surface((300, 200)))
    yesterday = live.scene.floor
    controller.door.close(linger=0)
    controller.feed.close(linger=0)
    (tmp_path / "other").mkdir()
    other = Controller(tmp_path / "other")
    other.feed_id = 2
    other.reopen(controller)
    other.until(lambda: live.notice() == "another run begins")
    assert live.scene.floor is yesterday  # a picture that is being drawn is of one run
    session.advance(0.0)
    session.draw(pygame.Surface((300, 200)))
    assert live.scene.floor is not yesterday
    assert session.view.selection == Selection()
    assert live.span() == (0, 0)
    assert live.curves().ticks.tolist() == [0]
    assert not any(live.story(parcel) for parcel in range(14))
    other.close()


def test_a_day_that_is_over_is_not_lost(controller: Controller, live: Live) -> None:
    """A controller that went away after the last parcel's end has not been lost."""
    while not controller.day.over:
        controller.day.day.world.tick = controller.day.next_tick() - 1
        controller.tick()
    controller.publish()
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while live.state() == "live":
        threading.Event().wait(0.02)
        assert time.monotonic() < deadline
    assert live.state() == "ended"


def test_a_clock_that_stands_is_told(controller: Controller, live: Live) -> None:
    """Where an operator has stopped it; in lockstep no speed is known."""
    controller.tick()
    controller.body |= {"speed": 0.0}
    controller.publish()
    controller.until(lambda: live.notice() == "an operator has stopped the clock")


@pytest.mark.parametrize(
    ("feed_address", "reached"),
    [
        ("tcp://0.0.0.0:5572", "tcp://floor.example:5572"),
        ("tcp://[::]:5572", "tcp://floor.example:5572"),
        ("tcp://127.0.0.1:5572", "tcp://127.0.0.1:5572"),
    ],
)
def test_a_feed_of_all_hosts_is_at_the_doors(feed_address: str, reached: str) -> None:
    """What is bound to all addresses of a machine is reached where its door is."""
    assert reachable(feed_address, "tcp://floor.example:5571") == reached


def test_nobody_there_is_one_clear_line() -> None:
    """An address without a controller is refused, and threads end."""
    with pytest.raises(SourceError, match="nobody there"):
        Live("tcp://127.0.0.1:9")
    with pytest.raises(SourceError, match="no address"):
        Live("tcp://nonsense")
    with pytest.raises(SourceError, match="no such host"):
        Live("tcp://no-such-host.invalid:5555")
    with pytest.raises(AddressError, match="--keys FOLDER"):
        Live("tcp://192.0.2.1:5555")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(SourceError, match="no answer within"):
            Live(f"tcp://127.0.0.1:{port}", patience=0.1)


def test_new_parcels_and_tours_are_fetched(controller: Controller, live: Live) -> None:
    """When a wave's tours get chutes, the viewer asks for what it does not know."""
    world = controller.day.day.world
    while not (world.chutes["tour"] >= 0).any():
        controller.tick()
    controller.publish()
    controller.until(lambda: len(live.scene.tours) == len(world.tours))
    frame = live.frame(1e9)
    assert len(frame.tour_state) == len(world.tours)
    assert (live.scene.tours.plan_tick == world.tours["plan_tick"]).all()
    assert live.scene.tours.load.sum() == world.parcels["size"][world.tour_parcels].sum()
    assert np.isin(frame.tour_state, (0, 1)).all()


def test_looking_back_shows_parcels_and_tours_as_they_were(
    controller: Controller, live: Live
) -> None:
    """At every tick in memory states are those of its tick, over a gap too."""
    day, seen = controller.day, {}
    for k in range(400):
        if day.over:
            break
        day.day.world.tick = day.next_tick() - 1
        controller.tick()
        if k not in (100, 101):  # a gap
            controller.publish()
        if k in (99, 103):  # what only a snapshot tells is asked for
            controller.until(lambda: live.span()[1] == day.day.world.tick)
        world = day.day.world
        seen[world.tick] = world.parcels["state"].copy(), world.tours["state"].copy()
    controller.until(lambda: live.span()[1] == day.day.world.tick)
    assert live.healed
    looked = 0
    for tick in [m.tick for m in live._past.moments]:
        if tick in seen:
            frame, (states, tours) = live.frame(tick), seen[tick]
            looked += 1
            assert frame.parcel_state[: len(states)].tolist() == states.tolist()
            assert (frame.tour_state[: len(tours)] == tours).all()
    assert looked > 100
