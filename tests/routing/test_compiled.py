"""Tests of `routing.compiled`."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

import routing
from routing.compiled import family, loop
from routing.floor.rows import fill_packed
from routing.road.travel import travel


@pytest.mark.parametrize(("compiled", "folder"), [(travel, "road"), (fill_packed, "floor")])
def test_cache_depends_on_all_sources_of_its_folder(compiled, folder):
    """What is cached is stamped with the sources of all compiled code beside it."""
    stamp = compiled._cache._cache_file._source_stamp
    assert stamp[1] == family(Path(routing.__path__[0]) / folder)


def test_family_changes_with_any_compiled_source(tmp_path):
    """A file that compiles code counts, another does not."""
    (tmp_path / "a.py").write_text("from routing.compiled import loop\n")
    (tmp_path / "b.py").write_text("from routing.compiled import kernel\n")
    before = family(tmp_path)
    (tmp_path / "c.py").write_text("import math\n")
    family.cache_clear()
    assert family(tmp_path) == before
    (tmp_path / "b.py").write_text("from routing.compiled import loop\n")
    family.cache_clear()
    assert family(tmp_path) != before


def test_whole_numbers_of_all_widths_are_compiled_once():
    """Callers that pass numbers of 32 and 64 bits share one compiled function."""

    def add(a, b):
        return a + b

    added = loop(add)

    @njit
    def both(narrow, wide):
        return added(narrow[0], wide[0]) + added(wide[0], b=narrow[0]) + added(1, narrow[0])

    assert both(np.array([3], np.int32), np.array([4], np.int64)) == 18
    assert len(added.called.signatures) == 1


def test_truth_values_are_compiled_once():
    """Callers that write `True` share one compiled function with those that work it out."""

    def pick(one):
        return 3 if one else 4

    picked = loop(pick)

    @njit
    def both(truth):
        return picked(True) + picked(one=False) + picked(truth)

    assert both(False) == 11
    assert len(picked.called.signatures) == 1


def test_python_and_compiled_callers_have_code_of_their_own(tmp_path, monkeypatch):
    """Python could not enter what is compiled for compiled callers, nor finds it on disk."""
    (tmp_path / "apart.py").write_text(
        "from routing.compiled import kernel\n"
        "@kernel\ndef half(a):\n    return a // 2\n"
        "@kernel\ndef quarter(a):\n    return half(half(a))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for hits in (0, 1):
        monkeypatch.delitem(sys.modules, "apart", raising=False)
        apart = importlib.import_module("apart")
        assert (apart.quarter(9), apart.half(9)) == (2, 4)
        assert sum(apart.half.stats.cache_hits.values()) == hits
