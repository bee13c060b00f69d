"""`fleet run --resume` of a day that is over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.__main__ import main
from tests.fleet.pure_day import PureDay, write_files


def test_what_an_ended_day_lacks_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where what ran it was killed before its summary; a day that lacks nothing is refused."""
    solo = PureDay(tmp_path, write_files(tmp_path)).live()
    solo.close(0.0)
    run = solo.day.folder
    solo.day.store.close()
    assert main(["run", "--resume", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parcels"]["delivered"] == 14
    assert any((run / "manifests").iterdir())
    assert (run / "tours.geojson").exists()
    assert main(["run", "--resume", str(run)]) == 2
    assert capsys.readouterr().err.count("this day has ended") == 1
