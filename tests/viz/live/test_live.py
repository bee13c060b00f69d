"""Following a controller: real sockets, a day in this process behind them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pygame
import pytest
import zmq

from fleet import feed
from fleet.events import Alarm, Operation
from fleet.requests import Request
from fleet.wire import AddressError
from tests.fleet.pure_day import PureDay, write_files
from viz.live.address import reachable
from viz.live.listener import Listener
from viz.live.source import LATEST_SECONDS, Live
from viz.session import Session
from viz.source import SourceError
from viz.view import View
from viz.words import alarm_text

PATIENCE_SECONDS = 20.0


class Controller:
    """The two sockets of a controller, with a day that the test drives tick by tick."""

    def __init__(self, folder: Path) -> None:
        self.day = PureDay(folder, write_files(folder))
        self.context = zmq.Context()
        self.asked: list[dict] = []
        self.epoch, self.sequence, self.silent = 1, 0, False
        self.open("tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
        self.tick()

    def open(self, door: str, feed_address: str) -> None:
        self.door = self.context.socket(zmq.ROUTER)
        self.feed = self.context.socket(zmq.XPUB)
        self.door.bind(door)
        self.feed.bind(feed_address)
        self.address = self.door.getsockopt_string(zmq.LAST_ENDPOINT)
        self.feed_address = self.feed.getsockopt_string(zmq.LAST_ENDPOINT)

    def tick(self) -> None:
        """Live a tick and keep its body."""
        day = self.day.day
        seen: list[dict[str, object]] = []
        plain_tick = day.tick

        def tick(*args: object, **how: object) -> object:
            effects = plain_tick(*args, **how)  # type: ignore[arg-type]
            seen.append(feed.tick_body(day.world, effects, speed=4.0, planner_ms=0.5))
            return effects

        day.tick = tick  # type: ignore[assignment]
        try:
            if day.store.last_tick() >= 0:
                day.world.tick += 1
            self.day.tick()
        finally:
            day.tick = plain_tick  # type: ignore[method-assign]
        self.body = seen[0]
        self.sequence += 1

    def publish(self) -> None:
        """Send the newest tick to whoever listens."""
        self.feed.send_multipart(feed.pack(self.epoch, self.sequence, self.body))

    def serve(self) -> None:
        """Answer what was asked."""
        while self.door.poll(0):
            route, *frames = self.door.recv_multipart()
            request = msgspec.msgpack.decode(frames[-1])
            self.asked.append(request)
            if request["ask"] == "snapshot":
                day = self.day.day
                answer = {
                    "epoch": self.epoch, "sequence": self.sequence, "feed": self.feed_address,
                    "lockstep": False, **self.body,
                    **feed.snapshot_body(day.world, day.book, day.depot,
                                         day.store.meta("scenario"), day.store.meta("map")),
                }  # fmt: skip
            else:
                answer = {"error": "no"} if request.get("id") == "no" else {"ok": True}
                if request["ask"] == "operate":
                    answer["tick"] = 7
            self.door.send_multipart([route, msgspec.msgpack.encode(answer)])

    def until(self, there: Callable[[], bool]) -> None:
        """Serve until something has come about."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not there():
            self.serve()
            self.door.poll(5)
            assert time.monotonic() < deadline

    def close(self) -> None:
        self.context.destroy(linger=0)
        self.day.day.store.close()


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
    """It is lost while it is away; a new epoch on the same addresses is taken in.

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
    controller.epoch, controller.sequence = 2, 0
    controller.until(lambda: live.state() == "live")
    assert live.notice() == "the controller has come back"
    assert all(request["ask"] == "snapshot" for request in controller.asked)
    controller.until(lambda: bool(controller.feed.poll(0)))
    controller.feed.recv()
    controller.tick()
    controller.publish()
    controller.until(lambda: live.span()[1] == controller.day.day.world.tick)


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


def test_a_refusal_is_shown(controller: Controller, live: Live) -> None:
    """What the controller answers with an error is said over the picture."""
    live.operate(Request("no", Operation.PAUSE))
    controller.until(lambda: "refused: no" in live.notice())


def test_the_speed_of_the_run_is_asked_for_as_an_operator(
    controller: Controller, live: Live
) -> None:
    """It goes to the door as a request; Space does not."""
    session = Session(live, View())
    session.pause(True)
    session.pause(False)
    session.change_speed(1)
    session.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_y, unicode="y"))
    controller.until(lambda: any(r["ask"] == "operate" for r in controller.asked))
    asked = [r for r in controller.asked if r["ask"] != "snapshot"]
    assert [(r["ask"], r["what"], r["cell"]) for r in asked] == [("operate", "speed", 8000)]


def test_a_clock_that_stands_is_told(controller: Controller, live: Live) -> None:
    """Where an operator has stopped it; in lockstep no speed is known."""
    controller.tick()
    controller.body |= {"speed": 0.0}
    controller.publish()
    controller.until(lambda: live.notice() == "an operator has stopped the clock")


def test_an_operator_is_answered(controller: Controller, live: Live) -> None:
    """A request goes to the door, what was done stands among the events, and a refusal is told."""
    live.operate(Request("x", Operation.CLOSE, cell=12))
    controller.until(lambda: [r for r in controller.asked if r["ask"] == "operate"])
    asked = next(r for r in controller.asked if r["ask"] == "operate")
    assert (asked["id"], asked["what"], asked["cell"]) == ("x", "close", 12)
    controller.until(lambda: live.notice() == "done, tick 7")
    controller.tick()
    controller.body |= {
        "requests": [[int(Operation.CLOSE), -1, 12]], "paused": True,
        "alarms": [[int(Alarm.CYCLE), 2, 1, 0]],
        "closed": np.array([12], np.int32).tobytes(),
    }  # fmt: skip
    controller.publish()
    controller.until(lambda: len(live.alarms()))
    said = [alarm_text(live.scene, alarm) for alarm in live.alarms()[-2:]]
    assert said == ["close cell 12", "robots 2 and 1 wait in a ring"]
    frame = live.frame(live.span()[1])
    assert frame.closed.tolist() == [12]
    assert frame.floor_paused


def test_a_request_says_until_when_it_may_be_done(controller: Controller, live: Live) -> None:
    """A few seconds at the run's speed; in lockstep, where ticks have no length, without end."""
    controller.tick()
    controller.body |= {"speed": 10.0}
    controller.publish()
    controller.until(lambda: live.speed() == 10.0)
    tick, ticks = live.span()[1], LATEST_SECONDS * 10.0 / live.scene.tick_seconds
    live.operate(Request("x", Operation.PAUSE))
    live.lockstep = True
    live.operate(Request("y", Operation.PAUSE))
    controller.until(lambda: sum(r["ask"] == "operate" for r in controller.asked) == 2)
    asked = [r["until"] for r in controller.asked if r["ask"] == "operate"]
    assert asked == [tick + ticks, -1]


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


def test_nothing_is_sent_over_a_link_that_is_silent() -> None:
    """A door that takes everything and answers nothing: it is told, and nothing lies there."""
    context = zmq.Context()
    door = context.socket(zmq.ROUTER)
    door.bind("tcp://127.0.0.1:*")
    address = door.getsockopt_string(zmq.LAST_ENDPOINT)
    listener = Listener(
        address, None, silence=0.0, on_snapshot=lambda *_: None, on_tick=lambda _: False
    )
    assert door.poll(PATIENCE_SECONDS * 1000)  # it is connected, and asks
    listener.requests.append(Request("half", Operation.PAUSE))
    taken = []
    end = time.monotonic() + PATIENCE_SECONDS
    while not listener.said[1] and time.monotonic() < end:
        if door.poll(10):
            taken.append(msgspec.msgpack.decode(door.recv_multipart()[-1])["ask"])
    listener.close()
    context.destroy(linger=0)
    assert listener.said[1].startswith("not sent")
    assert "operate" not in taken
