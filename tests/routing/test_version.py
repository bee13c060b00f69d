"""Tests of the versions that rows of a comparison name."""

import importlib.metadata
import re

from routing.version import several, version_of


def test_ours_names_its_sources_too():
    """The package's version and eight digits; a peer has its package's, a user's own has none."""
    own = importlib.metadata.version("peakday")
    assert re.fullmatch(re.escape(own) + r"\+[0-9a-f]{8}", version_of("peakday"))
    assert version_of("pibt") == version_of("peakday")
    assert version_of("ortools") == importlib.metadata.version("ortools")
    assert version_of("mine:plan") is None


def test_rows_of_several_versions_are_told():
    """By solver; rows from before rows named theirs are older ones."""
    rows = [{"solver": "a", "version": "1"}, {"solver": "a"}, {"solver": "b", "version": "1"}]
    assert several(rows, "solver") == ["a: rows are of several versions (1, older)"]
    assert several(rows[:1] + rows[2:], "solver") == []
