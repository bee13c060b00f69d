"""Tests of the order in which tests are run."""

from pathlib import Path

from tests.conftest import FIRST


def test_files_that_come_first_are_there():
    """A file that is renamed is renamed there, too, else it loses its place."""
    assert [name for name in FIRST if not (Path(__file__).parent / name).is_file()] == []
