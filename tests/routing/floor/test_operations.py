"""Operations: how many there are, what is left of them, where they lead."""

import numpy as np
import pytest

from routing.floor.operations import LETTERS, operations, places


def words(depth: int) -> list[str]:
    """Return the operations of a depth as words."""
    return ["".join(LETTERS[action] for action in word) for word in operations(depth).actions]


@pytest.mark.parametrize(("depth", "count"), [(2, 6), (3, 17), (4, 48), (5, 136)])
def test_as_many_as_differ_in_place_and_time(depth, count):
    """The counts of the EPIBT paper (for depths 3 to 5), each once, only waiting last."""
    assert len(set(words(depth))) == count
    assert words(depth)[-1] == "W" * depth


def test_what_is_left_after_the_first_action_is_an_operation_too():
    """Every plan can be carried on: shifted by one, with a wait at the end."""
    names = words(3)
    left = dict(zip(names, (names[i] for i in operations(3).shifted), strict=True))
    assert left["FFF"] == "FFW"
    assert left["RRF"] == "RFW"
    assert left["WRF" if "WRF" in names else "RWF"] == "WFW"
    assert left["WWW"] == "WWW"


def test_places_follow_the_actions():
    """On a row of three cells F goes east from heading east, and is impossible into the wall."""
    forward = np.full(12, -1, np.int32)
    forward[[0, 4]] = [1, 2]
    forward[[6, 10]] = [0, 1]
    cells, ends, possible = places(operations(2), forward)
    op = words(2).index("FF")
    assert cells[0, op].tolist() == [1, 2]
    assert ends[0, op] == 8
    assert possible[0, op]
    assert not possible[4, op]
