"""Tests of `routing.road.why`."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road import Limit, LockError, Rejected, solve, why
from routing.road.faults import tour_faults
from routing.road.formats import read_problem
from routing.road.plan import make_plan
from routing.road.problem import Problem, ProblemError, Vehicle
from routing.road.warm import check_locks, without_faults
from routing.road.why import explain
from tests.routing.road.rich import faults


def line(vehicle: Vehicle, demand: int = 1, **columns: object) -> Problem:
    """Depot at 0, stops at 10 and 20 on a line."""
    xy = np.array([[0.0, 0], [10, 0], [20, 0]])
    return Problem("line", 1, xy, np.array([[0], [1], [demand]]), (vehicle,), **columns)


def test_skill():
    """Nobody has the skill of stop 2."""
    problem = line(Vehicle((9,)), skills=np.array([0, 0, 4]))
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.row, reason.rule) == (2, "skills")
    assert "no vehicle has the skill" in reason.words


def test_window():
    """Stop 2 is 20 away and closes at 12: 8 too early."""
    problem = line(Vehicle((9,)), due=np.array([np.inf, np.inf, 12]))
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.rule, reason.missing) == ("window", pytest.approx(8.0))


def test_capacity_of_the_fleet():
    """One van of 2 holds stop 1 and lacks 1 for stop 2, which needs 2."""
    problem = line(Vehicle((2,), 1), demand=2)
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.rule, reason.missing) == ("capacity", 1.0)


def fleet(*vehicles: Vehicle, demand: int = 1, **columns: object) -> Problem:
    """Depot at 0, stop 1 at 10, stop 2 at -10 with this demand, and types of vehicle."""
    xy = np.array([[0.0, 0], [10, 0], [-10, 0]])
    return Problem("fleet", 1, xy, np.array([[0], [1], [demand]]), vehicles, **columns)


def reason_of(problem: Problem, *tours: list[int]) -> why.Reason:
    """Why stop 2 is left out of these tours of vehicle 0."""
    (reason,) = explain(problem, make_plan(problem, [np.array(tour) for tour in tours]))
    assert reason.row == 2
    return reason


@pytest.mark.parametrize(
    ("vehicle", "columns", "rule", "words"),
    [
        (Vehicle((9,)), {}, "price", "serving it costs more than its price 19"),
        (Vehicle((9,), 1), {}, "price", "serving it costs more than its price 19"),
        (Vehicle((1,), 1), {}, "capacity", "every vehicle is in use; next best, capacity short"),
        (Vehicle((9,), 1), {"due": np.array([np.inf, 10, 10])}, "window",
         "every vehicle is in use; next best, its window, or one behind it, closes 20 too early"),
        (Vehicle((1,), 1), {"due": np.array([np.inf, 10, 10])}, "vehicles",
         "one more vehicle is needed"),
        (Vehicle((9,), 0), {}, "vehicles", "there is no vehicle"),
        (Vehicle((9,), 1), {"locks": ((0, np.array([1])),), "due": np.array([np.inf, np.inf, 10])},
         "window", "every vehicle is in use; next best, its window, or one behind it, closes 20"),
    ],
)  # fmt: skip
def test_a_price_is_the_reason_only_where_no_rule_is(vehicle, columns, rule, words):
    """Would the stop be served at any price?  If not, the reason is that of one without a price."""
    price = np.array([np.inf, np.inf, 19])
    problem = fleet(vehicle, price=price, **columns)
    reasons = explain(problem, make_plan(problem, [np.array([1])] if vehicle.count != 0 else []))
    assert (reasons[-1].row, reasons[-1].rule) == (2, rule)
    assert reasons[-1].words.startswith(f"stop 2: {words}")


def test_the_price_of_a_pair():
    """Who leaves out one of a pair pays for both: the way of 30 is above 15 and 14."""
    pair = {"partner": np.array([-1, 2, 1]), "demand": -1}
    said = []
    for delivery in (14, 16):
        price = np.array([np.inf, 15, delivery])
        problem = fleet(Vehicle((9,), end=None), price=price, **pair)
        said += [reason.rule for reason in explain(problem, make_plan(problem, []))]
    assert said == ["price", "price", "search", "search"]


def test_a_place_that_the_plan_does_not_use():
    """No rule is blamed for it, also where the price is above what the place costs."""
    for price in (np.inf, 21.0):
        problem = fleet(Vehicle((9,), 1), price=np.array([np.inf, np.inf, price]))
        assert reason_of(problem, [1]).rule == "search"


@pytest.mark.parametrize(
    ("vehicles", "demand", "skills", "data", "words"),
    [
        ((Vehicle((10,), skills=1), Vehicle((100,))), 50, 1, ("capacity", 40.0, ()),
         "capacity of every empty vehicle with the skill of bit 0 short by 40"),
        ((Vehicle((10,), latest=5.0), Vehicle((4,))), 5, 0, ("shift", 15.0, ()),
         "no vehicle can serve it (type 0: the shift ends 15 too early; "
         "type 1: capacity short by 1)"),
        ((Vehicle((4,)), Vehicle((3,)), Vehicle((2,), max_distance=5.0)), 5, 0,
         ("capacity", 1.0, ()), "capacity of every empty vehicle short by 1"),
        ((Vehicle((4,)), Vehicle((2,), latest=5.0)), 5, 2, ("skills", 1.0, ("capacity",)),
         "no vehicle has the skill of bit 1 and capacity of every empty vehicle short by 1"),
        ((Vehicle((9,), skills=1), Vehicle((9,), skills=2)), 1, 3, ("skills", 1.0, ()),
         "no vehicle has all of the skills of bit 0, of bit 1"),
    ],
)  # fmt: skip
def test_no_empty_vehicle(vehicles, demand, skills, data, words):
    """What all types lack, or what each of them does; two rules at once are both named."""
    columns = {"price": np.array([np.inf, np.inf, 1e6]), "skills": np.array([0, 0, skills])}
    reason = reason_of(fleet(*vehicles, demand=demand, **columns), [1])
    assert reason.words == f"stop 2: {words}"
    assert (reason.rule, reason.missing, tuple(fault.rule for fault in reason.also)) == data


def test_a_vehicle_that_is_left_but_too_small():
    """Not every vehicle is in use; those that could take the stop are."""
    problem = fleet(Vehicle((5,), 1), Vehicle((1,)), demand=5)
    words = "every vehicle that could take it is in use; next best, capacity short by 1"
    assert reason_of(problem, [1]).words == f"stop 2: {words}"


def test_the_skill_by_its_name(tmp_path):
    """It is called as the file calls it."""
    (tmp_path / "s.csv").write_text("id,x,y,demand,skills\na,1,0,1,\nb,2,0,1,cold lift\n")
    path = tmp_path / "s.toml"
    path.write_text(
        'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n'
        '[[vehicles]]\ncapacity = 5\nskills = ["cold"]\n'
    )
    assert reason_of(read_problem(path), [1]).words == "stop 'b': no vehicle has the skill 'lift'"


def test_pair_in_the_wrong_order():
    """A delivery before its pickup is a fault of the pair."""
    problem = Problem(
        "pair", 1, np.zeros((3, 2)), np.array([[0], [1], [-1]]), (Vehicle((1,)),),
        partner=np.array([-1, 2, 1]),
    )  # fmt: skip
    assert tour_faults(problem, np.array([1, 2]), problem.vehicles[0]) == []
    assert [f.rule for f in tour_faults(problem, np.array([2, 1]), problem.vehicles[0])]


def test_warm_start_is_told_why():
    """A tour above capacity is dropped from a warm start, with the amount."""
    problem = line(Vehicle((1,)))
    plan, rejected = without_faults(problem, make_plan(problem, [np.array([1, 2])]))
    assert plan.tours == []
    words = "start: tour 1 is dropped: capacity by 1"
    assert rejected == [Rejected("tour", 1, "capacity", -1, 1.0, words)]


@pytest.mark.parametrize(
    ("tours", "columns", "said"),
    [
        ([[1], [2, 1]], {}, [(2, "visits", 1, "visits by 1 at stop 'a' (visited twice)")]),
        ([[2, 2]], {}, [(1, "visits", 2, "visits by 1 at stop 'b' (visited twice)")]),
        ([[1, 0]], {}, [(1, "visits", 0, "visits by 1 at depot 'd' (is no stop)")]),
        ([[1, 2]], {"skills": np.array([0, 0, 6]), "skill_names": ("lift", "cold")},
         [(1, "skills", 2, "skills by 2 at stop 'b' (lacks the skills 'cold', of bit 2)")]),
        ([[1], [2]], {}, [(2, "vehicles", -1, "no vehicle of type 0 is left")]),
    ],
)  # fmt: skip
def test_what_is_dropped_of_a_start(tours, columns, said):
    """As data and in words, which name the stop and the skill; the plan hands both back."""
    problem = line(Vehicle((9,), 1), ids=("d", "a", "b"), **columns)
    start = make_plan(problem, [np.array(tour) for tour in tours])
    plan = solve(problem, Limit(iterations=2), start=start)
    assert plan.rejected == tuple(
        Rejected("tour", number, rule, row, plan.rejected[0].amount, plan.notes[0])
        for number, rule, row, _ in said
    )
    assert plan.notes[0] == f"start: tour {said[0][0]} is dropped: {said[0][3]}"


def test_a_start_with_a_row_below_0():
    """It is of another problem."""
    problem = line(Vehicle((9,)))
    start = replace(make_plan(problem, [np.array([1])]), tours=[np.array([-1])])
    with pytest.raises(ProblemError, match="tour 1 of the start names row -1; stops are rows 1"):
        without_faults(problem, start)


def test_why_a_lock_is_refused():
    """As data, too."""
    with pytest.raises(LockError) as caught:
        check_locks(locked([3], [1, 2], vehicle=Vehicle((1,))))
    words = "locked: lock [1, 2] of vehicle 0 breaks capacity by 1; correct or drop it"
    assert str(caught.value) == words
    assert caught.value.rejected == Rejected("lock", 2, "capacity", -1, 1.0, words)


def locked(*locks: list[int], vehicle: Vehicle | None = None, **columns: object) -> Problem:
    """Three stops on a line, with locked beginnings of tours by vehicle 0."""
    xy = np.array([[0.0, 0], [10, 0], [20, 0], [30, 0]])
    rows = tuple((0, np.array(lock, np.int32)) for lock in locks)
    demand = np.array([[0], [1], [1], [1]])
    columns = {"demand": demand, "vehicles": (vehicle or Vehicle((9,)),)} | columns
    return Problem(name="locked", depots=1, xy=xy, locks=rows, **columns)


def test_warm_start_against_a_lock():
    """A tour with locked stops must begin with them; the lock gets a tour of its own, as told."""
    problem = locked([2, 1])
    plan, rejected = without_faults(problem, make_plan(problem, [np.array([3, 2, 1])]))
    assert [tour.tolist() for tour in plan.tours] == [[2, 1]]
    assert [dropped.words for dropped in rejected] == [
        "start: tour 1 is dropped: stop 2 is locked elsewhere; begin its tour as the lock does",
        "start: no tour of vehicle 0 begins with lock [2, 1]; it gets its own",
    ]
    said = [(dropped.what, dropped.number, dropped.rule, dropped.row) for dropped in rejected]
    assert said == [("tour", 1, "locks", 2), ("lock", 1, "locks", 2)]


def test_warm_start_that_keeps_its_lock():
    """It loses nothing, also where its vehicle is the only one."""
    problem = locked([2, 1], vehicle=Vehicle((9,), 1))
    plan, rejected = without_faults(problem, make_plan(problem, [np.array([2, 1, 3])]))
    assert ([tour.tolist() for tour in plan.tours], rejected) == ([[2, 1, 3]], [])


def test_warm_start_keeps_vehicles_for_locks():
    """A tour without lock cannot have the vehicle that is under way."""
    problem = locked([2], vehicle=Vehicle((9,), 1))
    plan, rejected = without_faults(problem, make_plan(problem, [np.array([1, 3])]))
    assert [tour.tolist() for tour in plan.tours] == [[2]]
    assert rejected[0].words == "start: tour 1 is dropped: no vehicle of type 0 is left"


def test_more_locks_than_vehicles():
    """Two tours under way need two vehicles."""
    with pytest.raises(ProblemError, match="is one of 2, and there are 1 of this vehicle"):
        check_locks(locked([1], [2], vehicle=Vehicle((9,), 1)))


def test_empty_lock():
    """A lock without stops says nothing."""
    with pytest.raises(ProblemError, match="names no stop"):
        check_locks(locked([]))


def test_lock_with_half_a_pair():
    """A delivery needs its pickup before it; a pickup alone is planned by the model alone."""
    pair = {"demand": np.array([[0], [2], [-2], [0]]), "partner": np.array([-1, 2, 1, -1])}
    with pytest.raises(ProblemError, match="breaks pairs by 1 at stop 2"):
        check_locks(locked([2], **pair))
    opened = locked([1], **pair)
    check_locks(opened)
    plan = solve(opened, Limit(iterations=5))
    assert faults(opened, plan) == []
    assert plan.missing == 0


def test_lock_whose_delivery_comes_too_late():
    """No plan keeps both the lock and its pair: that is said, not a plan without the lock."""
    pair = {"demand": np.array([[0], [2], [-2], [0]]), "partner": np.array([-1, 2, 1, -1])}
    late = locked([1], due=np.array([np.inf, np.inf, 15, np.inf]), **pair)
    with pytest.raises(ProblemError, match="no plan that begins as the locks do"):
        solve(late, Limit(iterations=5))


def test_no_vehicle():
    """With a count of 0 nothing is served, and the plan says why."""
    plan = solve(line(Vehicle((9,), 0)), Limit(iterations=20))
    assert plan.notes == ("stop 1: there is no vehicle", "stop 2: there is no vehicle")


def test_reasons_on_long_tours_walk_a_bounded_way(monkeypatch):
    """However long the tours, the places looked at add up to so many stops, about."""
    walked = []

    def counted(problem, tour, vehicle):
        walked.append(len(tour))
        return tour_faults(problem, tour, vehicle)

    stops = 2000
    xy = np.stack([np.arange(stops + 1.0), np.zeros(stops + 1)], axis=1)
    demand = np.array([[0], *[[1]] * stops])
    problem = Problem("long", 1, xy, demand, (Vehicle((stops // 2 - 1,), 2),))
    plan = make_plan(problem, np.split(np.arange(2, stops), 2))
    monkeypatch.setattr(why, "tour_faults", counted)
    monkeypatch.setattr(why, "WALK", 20 * stops)
    assert [reason.rule for reason in explain(problem, plan)] == ["capacity", "capacity"]
    assert sum(walked) < 25 * stops


def test_stops_by_their_ids():
    """Reasons, dropped tours and locks name stops as the user does."""
    under_way = {"locks": ((0, np.array([2])),), "ids": ("d", "a", "b")}
    problem = line(Vehicle((9,)), due=np.array([np.inf, np.inf, 12]), **under_way)
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert reason.words.startswith("stop 'b': window closes 8")
    _, rejected = without_faults(problem, make_plan(problem, [np.array([1, 2])]))
    assert rejected[0].words == "start: tour 1 is dropped: window by 8 at stop 'b'"
    with pytest.raises(ProblemError, match=r"lock \['b'\] .* breaks window by 8 at stop 'b'"):
        check_locks(problem)


def test_stops_by_their_numbers():
    """Without ids they count from 1, whatever the number of depots."""
    xy = np.array([[0.0, 0], [1, 0], [10, 0], [20, 0]])
    demand = np.array([[0], [0], [1], [1]])
    due = np.array([np.inf, np.inf, np.inf, 12])
    problem = Problem("two", 2, xy, demand, (Vehicle((9,)),), due=due)
    assert explain(problem, make_plan(problem, [np.array([2])]))[0].words.startswith("stop 2: ")


def test_a_price_is_the_reason_only_where_no_tour_passes_by():
    """A tour of its own to stop 1 takes 20, a detour of the tour to stop 2 nothing."""
    problem = line(Vehicle((9,)), price=np.array([np.inf, 10, np.inf]))
    reason = explain(problem, make_plan(problem, [np.array([2])]))[0]
    assert reason.rule == "search"
