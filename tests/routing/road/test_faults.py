"""Tests of what is wrong with a tour: rests and durations on a line, beside the judge."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.road import Break, Problem, Vehicle
from routing.road.faults import tour_faults
from routing.road.plan import make_plan
from tests.routing.road.rich import faults as judged


def line(vehicle: Vehicle, **columns: object) -> Problem:
    """Depot at 0, a stop at 50 and one at 80."""
    xy = np.array([[0.0, 0], [50, 0], [80, 0]])
    return Problem("line", 1, xy, np.array([[0], [1], [1]]), (vehicle,), **columns)


def broken(problem: Problem, tour: list[int]) -> list[str]:
    """The rules that a tour breaks."""
    return sorted(f.rule for f in tour_faults(problem, np.array(tour), problem.vehicles[0]))


def test_the_rest_of_an_open_tour_waits_for_its_last_service():
    """The stop is served from 50 to 350, and the rest has to begin by 200."""
    van = Vehicle((9,), end=None, rest=Break(100, 200, 45))
    served = np.array([0.0, 300, 0])
    problem = line(van, due=np.array([np.inf, 120, np.inf]), service=served)
    assert broken(problem, [1]) == ["rest"]
    assert broken(replace(problem, service=served / 10), [1]) == []


def test_a_rest_on_the_way_counts_as_a_part_of_the_tour():
    """The stop is served at 200, the rest begins from 150 to 190: on the way there.  So the tour
    takes 45 more than the 100 there and back."""
    at = np.array([np.inf, 200, np.inf])
    van = Vehicle((9,), max_duration=144, rest=Break(150, 190, 45))
    problem = line(van, ready=np.array([0.0, 200, 0]), due=at)
    assert broken(problem, [1]) == ["duration"]
    assert broken(replace(problem, vehicles=(replace(van, max_duration=145),)), [1]) == []


@given(
    ready=st.lists(st.integers(0, 200), min_size=2, max_size=2),
    wide=st.lists(st.integers(0, 150), min_size=2, max_size=2),
    service=st.lists(st.sampled_from([0, 10, 60]), min_size=2, max_size=2),
    rest=st.tuples(st.integers(0, 250), st.integers(0, 150), st.integers(0, 60)),
    shift=st.tuples(st.integers(0, 80), st.integers(100, 500)),
    longest=st.sampled_from([np.inf, 150.0, 200, 250, 300]),
    open_end=st.booleans(),
)
def test_the_judge_finds_the_same(
    ready: list[int], wide: list[int], service: list[int], rest: tuple[int, int, int],
    shift: tuple[int, int], longest: float, open_end: bool,
) -> None:  # fmt: skip
    """A tour with a rest breaks a rule where the judge says so, and only there."""
    van = Vehicle(
        (9,), end=None if open_end else 0, earliest=shift[0], latest=shift[1], max_duration=longest,
        rest=Break(rest[0], rest[0] + rest[1], rest[2]),
    )  # fmt: skip
    start = np.array(ready, float)
    problem = line(
        van,
        ready=np.r_[0.0, start],
        due=np.r_[np.inf, start + wide],
        service=np.r_[0.0, service],
    )
    plan = make_plan(problem, [np.array([1, 2])])
    assert bool(broken(problem, [1, 2])) == bool(judged(problem, plan))
