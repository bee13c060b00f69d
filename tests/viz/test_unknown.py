"""What a source does not know is not told as a number; a run at its end says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.viz.made import TICKS, Made
from tests.viz.panel_rows import panel_rows
from viz.frame import Curves
from viz.source import open_source
from viz.view import View
from viz.words import status_line

PLAIN = "type octile\nheight 2\nwidth 4\nmap\n....\n.@..\n"


class Joined(Made):
    """A run that one looks at from tick 5 on."""

    def curves(self) -> Curves:
        """Return what is known since."""
        ticks = np.arange(5, 400)
        return Curves(ticks, ticks * 2, ticks, np.full(395, 0.2), np.full(395, 1.25))


def test_a_rate_is_told_when_a_minute_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer that has just come knows none; a day that has just begun is known wholly."""
    assert panel_rows(monkeypatch, Joined(), 11)["sorted per minute"] == "–"
    assert panel_rows(monkeypatch, Joined(), 130)["sorted per minute"] == "240"
    assert panel_rows(monkeypatch, Made(), TICKS)["sorted per minute"] == "240"


class Sorted(Made):
    """A day whose floor has been done for long while couriers go on."""

    def curves(self) -> Curves:
        """Return parcels that were all sorted by tick 100."""
        ticks = np.arange(3000)
        sorted_ = np.minimum(ticks, 100)
        return Curves(ticks, sorted_, ticks * 2, np.full(3000, 0.0), np.full(3000, 1.25))


def test_where_nothing_is_sorted_any_more_deliveries_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the ten minutes of the curve; before that, what is sorted."""
    assert panel_rows(monkeypatch, Sorted(), 90)["sorted per minute"] == "120"
    assert panel_rows(monkeypatch, Sorted(), 1200)["sorted per minute"] == "0"
    rows = panel_rows(monkeypatch, Sorted(), 2900)
    assert rows["delivered per minute"] == "240"
    assert "sorted per minute" not in rows


def test_a_map_lists_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stations, chutes or chargers: no rows of them."""
    (tmp_path / "plain.map").write_text(PLAIN)
    rows = panel_rows(monkeypatch, open_source(str(tmp_path / "plain.map")), 0)
    assert rows == {"cells": "4 × 2", "free": "7", "blocked": "1"}


def test_robots_of_a_problem_have_no_errands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are where they start, and nobody has told them anything."""
    (tmp_path / "plain.map").write_text(PLAIN)
    (tmp_path / "two.agents").write_text("2\n0\n3\n")
    plain = {"mapFile": "plain.map", "agentFile": "two.agents", "teamSize": 2}
    (tmp_path / "problem.json").write_text(json.dumps(plain))
    source = open_source(str(tmp_path / "problem.json"))
    rows = panel_rows(monkeypatch, source, 0)
    source.close()
    assert rows["idle"] == "2"
    assert rows.get("on an errand", "0") == "0"


def test_a_still_of_the_end_says_so() -> None:
    """Of a moment before it only what it is of."""
    view = View(still=True)
    assert status_line(view, "replay", timed=True, ended=True) == "replay · at its end"
    assert status_line(view, "replay", timed=True, ended=False) == "replay"
    assert status_line(view, "file", timed=False, ended=False) == "file"


def test_a_run_whose_end_is_followed_goes_at_its_own_speed() -> None:
    """What was asked of the viewer is not told as the run's."""
    view = View(paused=False, speed=4.0, following=True)
    assert status_line(view, "under way", timed=True, ended=False) == "under way · newest"
    view.got = 61.5
    assert status_line(view, "under way", timed=True, ended=False) == "under way · newest, ×61.5"


@pytest.mark.parametrize(
    ("most", "told"), [(0, None), (1, "1 tick or more"), (5, "5 ticks or more")]
)
def test_a_heat_map_says_how_many_and_nothing_of_none(
    monkeypatch: pytest.MonkeyPatch, most: int, told: str | None
) -> None:
    """Where nobody has waited there is no number for its colours."""
    source = Made()
    heat = source.heat("waiting", 0, 5) * 0
    heat[20] = most
    monkeypatch.setattr(source, "heat", lambda *_: heat)
    rows = panel_rows(monkeypatch, source, 5, View(heat="waiting"))
    assert rows["heat: waiting"] == "whole run so far"
    assert [value for value in rows.values() if "tick" in value] == ([told] if told else [])
