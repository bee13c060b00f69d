"""Which robot gets which parcel, where that depends on how many there are."""

from fleet import assignment
from fleet.check.command import judge
from fleet.check.recording import read_recording
from routing.floor.station_flow import match_by_flow
from tests.fleet.pure_day import PureDay, write_files


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
