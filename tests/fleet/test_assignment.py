"""Which robot gets which parcel, where that depends on how many there are."""

import numpy as np
import pytest

from fleet import assignment, boards, operate
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.events import RobotPhase
from routing.floor.station_flow import match_by_flow
from tests.fleet.pure_day import TOML, PureDay, write_files


def test_many_free_robots_are_matched_all_at_once(tmp_path, monkeypatch):
    """Of a day that counts two robots as many: its opening asks the flow solver, and it ends."""
    asked = []

    def watched(*arguments):
        asked.append(len(arguments[2]))
        return match_by_flow(*arguments)

    monkeypatch.setattr(assignment, "MANY", 2)
    monkeypatch.setattr(assignment, "match_by_flow", watched)
    day = PureDay(tmp_path, write_files(tmp_path)).live(20_000)
    assert day.over
    day.close(0.0)
    assert max(asked) >= 2
    assert judge(read_recording(tmp_path / "run")).plain() == []


def of_chutes(day):
    """How many robots have each chute's parcel."""
    world = day.day.world
    return boards.robots_by_chute(world, operate.in_use(world))


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_robots_than_said_have_a_parcel_for_one_chute(tmp_path, most):
    """Of fourteen parcels of a few tours four robots carry no more to one chute at a time."""
    toml = TOML.replace("robots = 4", f"robots = 4\nchute_robots = {most}")
    day = PureDay(tmp_path, write_files(tmp_path, toml=toml)).live(until=0)
    seen = 0
    while not day.over:
        day.day.world.tick += 1
        day.tick()
        seen = max(seen, int(of_chutes(day).max()))
    day.close(0.0)
    assert seen == most
    assert judge(read_recording(tmp_path / "run")).plain() == []


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_robots_work_than_the_floor_has_room_for(tmp_path, monkeypatch, most):
    """Of four robots so many have work at a time; each of them has its turn, and the day ends."""
    monkeypatch.setattr(assignment.dispatch, "most_under_way", lambda _: most)
    day = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    seen, who = 0, set()
    while not day.over:
        day.day.world.tick += 1
        day.tick()
        phases = day.day.world.robots["phase"]
        works = np.flatnonzero(phases != RobotPhase.IDLE)
        seen = max(seen, len(works))
        who |= set(works.tolist())
    day.close(0.0)
    assert seen == most
    assert len(who) == 4
    assert judge(read_recording(tmp_path / "run")).plain() == []
