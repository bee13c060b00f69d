"""The judge's view of anchors: refused ones are no orders, taken ones end the way before them."""

from __future__ import annotations

import numpy as np

from fleet.check.anchors import is_anchor, settle
from fleet.events import ORDER, REPORT, Action


def row(number: int, update: int, sequence: int, start: int, cells: list[int],
        action: int = 0) -> tuple:  # fmt: skip
    """Return one order for robot 0."""
    return (0, 1, number, update, sequence, start, cells + [-1] * (3 - len(cells)), action, -1)


def reflecting(*numbers: int) -> np.ndarray:
    """Return states of robot 0 that reflect these orders."""
    rows = np.zeros(len(numbers), REPORT)
    rows["order"] = numbers
    return rows


def test_a_taken_anchor_ends_the_way_at_its_cell() -> None:
    """Of cells 1, 2 and 3 the robot had driven to 1: 2 and 3 are given up, the pick too."""
    orders = np.array(
        [row(0, 0, 0, 0, [1]), row(0, 1, 2, 1, [2]), row(0, 2, 4, 2, [3], Action.PICK),
         row(1, 0, 0, 1, []), row(2, 0, 0, 1, [11])], ORDER)  # fmt: skip
    ticks, kept, numbers = settle(np.arange(5), orders, reflecting(0, 1, 2))
    assert is_anchor(orders).tolist() == [False, False, False, True, False]
    assert ticks.tolist() == [0, 3, 4]
    assert kept["cells"][:, 0].tolist() == [1, -1, 11]
    assert numbers.tolist() == [0, 1, 2]


def test_a_refused_anchor_is_no_order() -> None:
    """The robot goes on with its order; the next number but one is no gap."""
    orders = np.array(
        [row(0, 0, 0, 0, [1]), row(1, 0, 0, 0, []), row(0, 1, 2, 1, [2]), row(2, 0, 0, 2, [3])],
        ORDER,
    )
    ticks, kept, numbers = settle(np.arange(4), orders, reflecting(0, 2))
    assert ticks.tolist() == [0, 2, 3]
    assert kept["order"].tolist() == [0, 0, 2]
    assert numbers.tolist() == [0, 0, 1]
