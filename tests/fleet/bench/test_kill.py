"""The kill benchmark: a few kills in slices, and what its rows add up to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.bench.kill import figures
from routing.kept_rows import kept_rows

ROW = {"parcels": 3, "lost": 0, "doubled": 0, "collisions": 0, "other_hashes": 0,
       "killed": {"host": 2, "viewer": 1}, "resume_ms": {"host": [10.0, 30.0]}}  # fmt: skip


def test_rows_add_up() -> None:
    """Kills by part, times by part and of all, and any fault makes it fail."""
    sums = figures([ROW, ROW | {"killed": {"controller": 1}, "resume_ms": {"controller": [50.0]}}])
    assert sums["ok"]
    assert sums["killed"] == {"host": 2, "viewer": 1, "controller": 1}
    assert sums["resume_ms_by_part"]["host"]["max"] == 30
    assert (sums["resumed"], sums["resume_ms"]["max"]) == (3, 50)
    assert not figures([ROW | {"lost": 1}])["ok"]
    assert not figures([ROW | {"resume_ms": {"host": [2500.0]}}])["ok"]


@pytest.mark.slow
def test_a_second_call_goes_on_where_the_first_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two kills, then one more: the rows of before are not run again."""
    out = str(tmp_path / "rows.jsonl")
    main(["bench", "kill", "--kills", "2", "--out", out, "--json"])
    first = json.loads(capsys.readouterr().out)
    rows = kept_rows(Path(out))
    main(["bench", "kill", "--kills", "3", "--out", out, "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert (first["kills"], figures["kills"]) == (2, 3)
    assert figures["lost"] == figures["doubled"] == figures["other_hashes"] == 0
    assert kept_rows(Path(out))[: len(rows)] == rows
