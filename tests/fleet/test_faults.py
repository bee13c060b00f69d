"""Chance by name: fair, repeatable, and independent of the order of asking."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.faults import Chance, draw


@given(st.integers(0, 2**63 - 1), st.sampled_from(list(Chance)), st.integers(0, 2**31 - 1))
def test_a_draw_depends_on_its_name_alone(seed: int, kind: Chance, number: int) -> None:
    """Asked alone or among others, a draw is the same, and lies in [0, 1)."""
    alone = float(draw(seed, kind, number))
    among = draw(seed, kind, np.array([number, 1, 2]))
    assert alone == among[0]
    assert 0 <= alone < 1


def test_draws_are_even_and_differ_by_kind() -> None:
    """Ten thousand draws fill ten bins evenly; another kind draws something else."""
    numbers = np.arange(10_000)
    first, second = draw(1, Chance.STATION, numbers), draw(1, Chance.MISSING, numbers)
    counts, _ = np.histogram(first, bins=10, range=(0, 1))
    assert abs(counts - 1000).max() < 150
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
