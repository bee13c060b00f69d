"""`viz bench` on a small run that it makes itself."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from viz import bench
from viz.stored.frames import StoredFrames
from viz.stored.replay import Replay


def test_the_made_run_is_legal(tmp_path: Path) -> None:
    """Robots of the made run never share a cell and only go along the floor's ways."""
    floor = bench.open_floor(20, 24)
    bench.make_run(tmp_path, floor, robots=60, ticks=90, seed=3)
    source = Replay(tmp_path)
    source.scan.join()
    frames = source._frames
    assert isinstance(frames, StoredFrames)
    cells = np.stack([frames.robots(k)["cell"] for k in range(len(frames))])
    assert all(len(np.unique(row)) == 60 for row in cells)
    for before, after in itertools.pairwise(cells):
        moved = before != after
        assert (floor.successors[before[moved]] == after[moved, None]).any(axis=1).all()
    assert (cells[0] != cells[-1]).any()
    assert not (source.scan.alarm_rows()["kind"] == 6).any()
    source.close()


@pytest.mark.slow
def test_figures_are_printed_as_one_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All figures that scripts rely on are there and positive."""
    for name in ("FRAMES", "SEEKS", "SWEEP", "STARTS"):
        monkeypatch.setattr(bench, name, 2)
    assert bench.main(["--robots", "50", "--ticks", "70", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    for name in ("frame_ms", "baseline_ms", "seek_ms", "first_frame_ms", "rss_mb"):
        assert figures[name] > 0
    assert (figures["robots"], figures["ticks"]) == (50, 70)


def test_random_input_is_tried_on_a_run(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So many events are taken in."""
    assert bench.main([str(run_folder), "--events", "60", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["ok"], figures["events"]) == (True, 60)


def test_a_watch_tells_memory_hour_by_hour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every update is taken in by the live source, and every parcel comes to its door."""
    monkeypatch.setattr("viz.bench_watch.FRAME_EVERY", 500)
    options = ["--robots", "20", "--ticks", "30", "--watch", "0.2", "--json"]
    assert bench.main(options) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["robots"], figures["parcels"]) == (20, 800)
    assert figures["updates"] > 1000
    assert len(figures["rss_mb"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch", "0"], "--watch 0 is out of range; choose above 0, up to 1000 hours"),
        (["--watch", "-1"], "--watch -1 is out of range; choose above 0, up to 1000 hours"),
        (["--watch", "nan"], "--watch nan is out of range; choose above 0, up to 1000 hours"),
        (["--events", "0"], "--events 0: choose at least one"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_a_run_is_made(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making one takes a while."""
    monkeypatch.setattr(bench, "make_run", lambda *_, **__: pytest.fail("a run was made"))
    with pytest.raises(ValueError, match=said):
        bench.main(words)
