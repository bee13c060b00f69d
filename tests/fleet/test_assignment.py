"""Which robot gets which parcel, where that depends on how many there are."""

import numpy as np

from fleet import assignment, boards, operate
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.events import ParcelState, RobotPhase, TourState
from fleet.scenario import FloorPart, Scenario
from fleet.world import TOUR_STATE, blank_parcels, opening
from routing.floor.distances import Distances
from routing.floor.grid import Floor
from routing.floor.station_flow import match_by_flow
from tests.fleet.pure_day import OPEN, TOML, PureDay, write_files


def four_robots():
    """Four robots in the corners of an open floor, and six parcels for one tour at its stations."""
    floor = Floor.parse(OPEN)
    part = FloorPart(map="", robots=4, station_robots=1)
    world = opening(Scenario(name="four", floor=part), floor, base_cells=1)
    world.robots["cell"] = [1, 6, 40, 46]
    world.tours = np.zeros(1, TOUR_STATE)
    world.tours["state"] = TourState.SORTING
    world.tours["stops"] = 6
    world.tour_parcels = np.arange(6)
    world.parcels = blank_parcels(6)
    world.parcels["state"] = ParcelState.AT_STATION
    world.parcels["robot"], world.parcels["tour"] = -1, 0
    world.parcels["station"] = np.arange(6) % 2
    return world, Distances(floor, 1)


def given(world, distances):
    """Which robots get a parcel now."""
    rows = assignment.assign(world, distances, np.zeros(world.floor.cells, np.int32))
    return rows["robot"][(rows["rank"] == 0) & (rows["parcel"] >= 0)].tolist()


def test_who_has_no_way_takes_no_room(monkeypatch):
    """Two are cut off from the stations and have rested longest; two may work, and do."""
    monkeypatch.setattr(assignment.dispatch, "most_under_way", lambda _: 2)
    world, distances = four_robots()
    distances.go_round(np.arange(24, 32, dtype=np.int32))
    world.robots["since"] = [9, 9, 0, 0]
    world.tick = 10
    assert given(world, distances) == [0, 1]


def test_who_is_silent_takes_no_room(monkeypatch):
    """Nor a station's place: the other three may work, one at each of the two stations."""
    monkeypatch.setattr(assignment.dispatch, "most_under_way", lambda _: 2)
    world, distances = four_robots()
    world.robots["phase"][0] = RobotPhase.TO_STATION
    world.robots["parcel"][0] = 0
    world.parcels["robot"][0] = 0
    assert len(given(world, distances)) == 1
    world.robots["online"][0] = 0
    assert len(given(world, distances)) == 2


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


def test_no_more_robots_than_said_have_a_parcel_for_one_chute(tmp_path):
    """Of fourteen parcels of a few tours four robots carry no more to one chute at a time."""
    toml = TOML.replace("robots = 4", "robots = 4\nchute_robots = 2")
    day = PureDay(tmp_path, write_files(tmp_path, toml=toml)).live(until=0)
    seen = 0
    while not day.over:
        day.day.world.tick += 1
        day.tick()
        seen = max(seen, int(of_chutes(day).max()))
    day.close(0.0)
    assert seen == 2
    assert judge(read_recording(tmp_path / "run")).plain() == []


def test_no_more_robots_work_than_the_floor_has_room_for(tmp_path, monkeypatch):
    """Of four robots so many have work at a time; each of them has its turn, and the day ends."""
    monkeypatch.setattr(assignment.dispatch, "most_under_way", lambda _: 3)
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
    assert seen == 3
    assert len(who) == 4
    assert judge(read_recording(tmp_path / "run")).plain() == []
