"""The tuner never ends below where it began, and repeats by seed."""

import numpy as np
import pytest

from routing.floor.generate import generate
from routing.floor.tune import RANGES, tune
from tests.routing.floor.test_formats import PLAN


@pytest.mark.slow
def test_best_is_the_most_finished_and_repeats():
    """Three games on a tiny floor, twice."""
    problem = generate(PLAN, 3, 50, 1)
    runs = [
        tune(problem, games=3, steps=20, tries=10, rng=np.random.default_rng(5)) for _ in range(2)
    ]
    assert runs[0] == runs[1]
    best, played = runs[0]
    assert {"finished": max(row["finished"] for row in played), **best} in played
    assert all(low <= best[name] <= high for name, (low, high, _) in RANGES.items())
