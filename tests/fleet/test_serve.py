"""The controller's process on a real clock, without hosts around it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fleet import serve
from fleet.progress import Progress
from fleet.run_folder import resume
from fleet.serve import Controller
from tests.fleet.pure_day import PureDay, write_files
from tests.fleet.wire_pair import ANYWHERE


def test_who_is_started_again_goes_on_without_a_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts that do not come in time are silent: their robots get no cells, the clock goes on."""
    monkeypatch.setattr(serve, "RECONCILE_SECONDS", 0.0)
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    day = resume(tmp_path / "run", lockstep=False)
    controller = Controller(
        day, speed=1000.0, bind=(ANYWHERE,) * 3, workers=0, wire_record=None,
        progress=Progress(io.StringIO()),
    )  # fmt: skip
    try:
        assert day.store.meta("lockstep") == "0"
        assert day.world.robots["online"].all()
        controller._wait_for_peers()
        absent = controller._absent()
        assert absent.tolist() == [(0, len(day.world.robots), 0)]
        controller._live(day.world.tick + 1, {"link": absent})
        assert not day.world.robots["online"].any()
    finally:
        controller.close()
