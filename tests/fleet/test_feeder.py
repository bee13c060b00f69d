"""What viewers are told of a run, and how they know it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import zmq

from fleet import wire
from fleet.feeder import Feeder
from fleet.run_folder import create, resume
from tests.fleet.pure_day import PureDay, write_files
from tests.fleet.wire_pair import ANYWHERE


def test_a_floor_that_stands_is_shown_after_a_restart(tmp_path: Path) -> None:
    """No tick is lived before an operator lets it go on; a run without any has nothing to show."""
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    day = resume(tmp_path / "run", lockstep=True)
    with zmq.Context() as context:
        socket, address = wire.bind_feed(context, ANYWHERE)
        body = msgspec.msgpack.decode(Feeder(socket, address, day, lockstep=True).snapshot())
        socket.close()
    [(_, robots)] = day.store.frames(day.world.tick)
    assert (body["tick"], body["robots"]) == (day.world.tick, robots.tobytes())
    day.store.close()


def test_runs_of_one_scenario_are_told_apart(tmp_path: Path) -> None:
    """And so are two controllers of one run, whatever their epochs and sequence numbers."""
    told = []
    with zmq.Context() as context:
        for name in ("one", "other"):
            day = create(tmp_path / name, write_files(tmp_path), lockstep=True)
            for _ in range(2):
                socket, address = wire.bind_feed(context, ANYWHERE)
                feeder = Feeder(socket, address, day, lockstep=True)
                told.append(msgspec.msgpack.decode(feeder.snapshot()))
                socket.close()
            day.store.close()
    assert told[0]["run"] == told[1]["run"] != told[2]["run"] == told[3]["run"]
    assert len({one["feed_id"] for one in told}) == 4
