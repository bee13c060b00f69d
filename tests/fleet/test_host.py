"""A host that comes anew stands where the old one stood."""

from __future__ import annotations

import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import zmq

from fleet.host import Host
from fleet.line import Line
from fleet.robot import robot_frames
from fleet.scenario import read
from fleet.store import STORE, Store
from fleet.wire import Header, Kind, unpack
from routing.floor.grid import Floor


def lived(run: Path) -> tuple[Host, list[tuple[int, bytes]]]:
    """Return a host as the day opened, and the orders of all ticks."""
    store = Store(run / STORE)
    scenario = read(run / "scenario.toml")
    floor = Floor.parse(store.meta("map"), "tiny")
    host = Host(scenario, floor.width, "tiny", 0, scenario.floor.robots)
    cells, headings = (bytes.fromhex(store.meta(f"opening_{k}")) for k in ("cells", "headings"))
    host.place(np.frombuffer(cells, np.int32), np.frombuffer(headings, np.uint8))
    rows = store.db.execute("SELECT tick, orders FROM orders ORDER BY tick").fetchall()
    store.close()
    return host, [(tick, zlib.decompress(blob)) for tick, blob in rows]


@pytest.mark.parametrize("kept", [0, 1, 40, 100])
def test_robots_kept_on_the_way_come_to_the_same(run_folder: Path, kept: int) -> None:
    """Whether a host lives the whole past or what followed after they were kept."""
    host, orders = lived(run_folder)
    host.catch_up(orders)
    first, _ = lived(run_folder)
    first.catch_up(orders[:kept])
    second, _ = lived(run_folder)
    second.restore(first.tick, robot_frames(first.robots.tobytes()))
    second.catch_up(orders[kept:])
    assert second.robots.tobytes() == host.robots.tobytes()
    assert second.tick == host.tick


def test_a_host_asks_for_the_next_part_of_its_past(run_folder: Path) -> None:
    """Once it has lived one, as long as more are to come; then its robots are online."""
    host, orders = lived(run_folder)
    said: list[tuple[Kind, int]] = []
    line = SimpleNamespace(send=lambda kind, tick, frames: said.append((kind, tick)))
    host.batches_left = 2
    for tick, rows in orders[:2]:
        frame = tick.to_bytes(8, "little") + zlib.compress(rows)
        host.take(line, Header(Kind.CATCH_UP, 1, 1, 9), [frame])  # type: ignore[arg-type]
    assert said == [(Kind.CAUGHT_UP, orders[0][0]), (Kind.CONNECTION, orders[1][0])]


def test_robots_of_others_are_not_taken(run_folder: Path) -> None:
    """As many rows as the host has robots, or none."""
    host, _ = lived(run_folder)
    with pytest.raises(ValueError, match="are not the robots 0 to 2"):
        host.restore(3, robot_frames(host.robots.tobytes()[:-1]))


def test_a_hello_goes_out_as_soon_as_there_is_a_controller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that found nobody is said again once the line stands, not half a second later."""
    monkeypatch.setattr("fleet.line.signal.signal", lambda *_: None)  # a host's are not ours
    line = Line("tcp://127.0.0.1:9", {"role": "couriers"})
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        line.socket.close()
        line.socket = line.context.socket(zmq.DEALER)
        line.socket.setsockopt(zmq.IMMEDIATE, 1)
        line.say_hello(0.0)
        assert line.unsaid
        port = router.bind_to_random_port("tcp://127.0.0.1")
        line.socket.connect(f"tcp://127.0.0.1:{port}")
        while line.unsaid:  # at the same instant of our clock
            assert line.receive(10.0) is None
            line.say_hello(0.0)
        assert router.poll(10_000)
        assert unpack(router.recv_multipart()[1]).kind == Kind.HELLO
    line.close()
