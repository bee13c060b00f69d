"""A simulated shift on a small floor, under the judge."""

from pathlib import Path

import numpy as np
import pytest

from routing.floor.check import check_moves
from routing.floor.grid import Floor
from routing.floor.simulate import main, simulate

MAPS = Path(__file__).parents[3] / "maps"


@pytest.mark.slow
def test_small_floor_sorts_every_parcel_without_a_collision():
    """Twelve robots sort 200 parcels; the judge finds nothing; time is split up wholly."""
    plan = Floor.read(MAPS / "small.map")
    figures = simulate(plan, 12, 200, 4000, np.random.default_rng(1), record=True)
    assert figures.sorted == 200
    assert check_moves(plan, np.array(figures.cells)) == []
    assert sum(figures.share.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_platform_sorts_more_than_twenty_thousand_parcels_an_hour():
    """350 robots at 2.4 m/s with quarter-second turns, 6 + 4 ticks to load and drop."""
    plan = Floor.read(MAPS / "platform.map")
    figures = simulate(plan, 350, 20_000, 600, np.random.default_rng(1), waiting=3000)
    assert figures.parcels_per_hour > 20_000
    assert figures.share["waiting"] + figures.share["idle"] < 0.4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["none.map"], "none.map: cannot be read (No such file or directory); check the path"),
        (["bare.map"], "bare.map: has no station (E); name a sorting floor"),
        (["small.map", "--robots", "9999"], "cells for them beside its stations; take fewer"),
        (["small.map", "--ticks", "0"], "give a whole number of at least 1"),
        (["small.map", "--seed", "-1"], "give a whole number from 0"),
        (["small.map", "--following"], "--following: grants ahead never allow it; add --one-cell"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys, options, said):
    """What is wrong is said, and the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare.map").write_text("type octile\nheight 1\nwidth 2\nmap\n..\n")
    (tmp_path / "small.map").write_text((MAPS / "small.map").read_text())
    with pytest.raises(SystemExit) as ended:
        main(options)
    error = capsys.readouterr().err
    assert (ended.value.code, error.count("\n")) == (2, 1)
    assert said in error
