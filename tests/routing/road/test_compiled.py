"""Tests of `routing.road.compiled`."""

from routing.road import compiled
from routing.road.travel import travel


def test_cache_depends_on_all_sources():
    """What is cached is stamped with the sources of all compiled code, not of one file alone."""
    stamp = travel._cache._cache_file._source_stamp
    assert stamp[1] == compiled._FAMILY
