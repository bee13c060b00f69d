"""Tests of the judge of tours: each rule has a tiny case with an answer computed by hand."""

import ast
import math
from pathlib import Path

import pytest

from routing.road.check import Answer, Case, CheckError, Wagon, check, judge, read_answer

DATA = Path(__file__).parents[2] / "data" / "road"


def line(**changes) -> Case:
    """Depot at 0, stops 3 east and then 4 north; van of 2; windows; a visit takes 1."""
    facts = {
        "points": [(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)],
        "demand": [[0], [1], [1]],
        "due": [math.inf, 3.0, 8.0],
        "service": [0.0, 1.0, 1.0],
        "wagons": [Wagon([2])],
    }
    return Case(**(facts | changes))


def faults(case: Case, *tours: list[int], kinds: list[int] | None = None) -> set[str]:
    """The names of what the judge finds wrong with tours."""
    answer = Answer(list(tours), kinds or [0] * len(tours))
    return {violation["what"] for violation in judge(case, answer).violations}


def test_cost_by_hand():
    """Out 3, up 4, home 5: 12; a claim of 11 is false."""
    verdict = judge(line(), Answer([[1, 2]], [0], 12.0))
    assert verdict.ok
    assert verdict.cost == 12
    assert not judge(line(), Answer([[1, 2]], [0], 11.0)).ok


@pytest.mark.parametrize(
    ("scale", "claimed", "ok"),
    [
        (1.0, 12.000001, True),
        (1.0, 12.00001, False),
        (1e6, 12e6 + 1, True),
        (1e6, 12e6 + 2, False),
        (1e-6, 12.05e-6, True),  # below a cost of 1 the tenth of a millionth is of a unit
        (1e-6, 12.5e-6, False),
        (1.0, math.nan, False),
    ],
)
def test_a_claim_is_right_to_one_in_ten_million(scale, claimed, ok):
    """It counts as rounded when it is written, no more."""
    case = line(points=[(0.0, 0.0), (3 * scale, 0.0), (3 * scale, 4 * scale)], due=[], service=[])
    assert judge(case, Answer([[1, 2]], [0], claimed)).ok == ok


@pytest.mark.parametrize(
    ("tours", "what"),
    [
        ([[2, 1]], "late"),  # at 5 at the second stop, at 10 at the first
        ([[1]], "not visited"),
        ([[1, 2], [1]], "visited twice"),
        ([[1, 2, 7]], "unknown stop"),
        ([[1, 2, 0]], "unknown stop"),
    ],
)
def test_faults(tours, what):
    """Each fault of a tour has its name."""
    assert what in faults(line(), *tours)


def test_capacity_in_each_dimension():
    """A van of 2 and 1 takes 2 of the first kind but not 2 of the second."""
    case = line(demand=[[0, 0], [1, 1], [1, 1]], wagons=[Wagon([2, 1])])
    assert faults(case, [1, 2]) == {"capacity"}
    assert faults(case, [1], [2]) == set()


def test_load_of_pairs_rises_and_falls():
    """Two pairs of one fit a van of one only one after the other."""
    case = line(
        points=[(0.0, 0.0)] * 5,
        demand=[[0], [1], [-1], [1], [-1]],
        due=[],
        service=[],
        pickup_of={2: 1, 4: 3},
        wagons=[Wagon([1])],
    )
    assert faults(case, [1, 2, 3, 4]) == set()
    assert faults(case, [1, 3, 2, 4]) == {"capacity"}
    assert faults(case, [2, 1, 3, 4]) == {"pair"}
    assert faults(case, [1, 3, 4], [2]) >= {"pair"}


def test_rounding():
    """The way of sqrt(2) is 1 to the nearest, 1.4 cut, 1.414 exact; there and back."""
    for rounding, cost in (("nearest", 2), ("dimacs", 2.8), ("exact", 2 * 2**0.5)):
        case = line(
            points=[(0.0, 0.0), (1.0, 1.0)], demand=[0, 1], due=[], service=[], rounding=rounding
        )
        assert judge(case, Answer([[1]], [0])).cost == pytest.approx(cost)


def test_fleet_counts_and_prices():
    """Two tours of a type of one are one too many; the cost has the price of each tour."""
    fleet = [Wagon([2], 1, fixed=10.0, per_distance=2.0), Wagon([2], fixed=1.0)]
    case = line(wagons=fleet, objective="cost")
    assert faults(case, [1], [2]) == {"too many vehicles"}
    verdict = judge(case, Answer([[1], [2]], [0, 1]))
    assert verdict.ok
    assert verdict.cost == 10 + 2 * 6 + 1 + 10


def test_skills():
    """A stop that asks for bit 2 is not for a vehicle with bit 1 alone."""
    case = line(skills=[0, 0, 2], wagons=[Wagon([2], skills=1), Wagon([2], skills=3)])
    assert faults(case, [1, 2]) == {"skill"}
    assert faults(case, [1, 2], kinds=[1]) == set()


def test_several_depots_and_open_tours():
    """A tour from the second depot that ends at its last stop is 1 long."""
    case = Case(
        points=[(0.0, 0.0), (9.0, 0.0), (10.0, 0.0)],
        demand=[[0], [0], [1]],
        wagons=[Wagon([1]), Wagon([1], start=1, end=None)],
        depots=2,
    )
    assert judge(case, Answer([[2]], [0])).cost == 20
    assert judge(case, Answer([[2]], [1])).cost == 1


def test_price_of_leaving_out():
    """A stop with a price may be left out, and costs it."""
    verdict = judge(line(price=[math.inf, math.inf, 4.0]), Answer([[1]], [0]))
    assert verdict.ok
    assert verdict.cost == 6 + 4


def test_limits_of_a_tour():
    """12 of way and 2 of visits: longer than 11, longer than 13 in time."""
    assert faults(line(wagons=[Wagon([2], longest=11.0)]), [1, 2]) == {"too long"}
    assert faults(line(wagons=[Wagon([2], longest_time=13.0)]), [1, 2]) == {"takes too long"}
    assert faults(line(wagons=[Wagon([2], longest_time=14.0)]), [1, 2]) == set()
    assert faults(line(wagons=[Wagon([2], latest=13.0)]), [1, 2]) == {"late"}


def test_late_start_shortens_a_tour():
    """Who waits for a window at 100 may start late: the tour lasts 14, not 107."""
    case = line(ready=[0.0, 100.0, 0.0], due=[math.inf] * 3)
    case.wagons = [Wagon([2], longest_time=14.0)]
    assert faults(case, [1, 2]) == set()


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ((0.0, 0.0, 5.0), {"late"}),  # before the start, or at once: too late at the first stop
        ((5.0, 6.0, 0.5), set()),  # on the way up, which lasts from 4 to 8
        ((5.0, 6.0, 1.0), {"rest"}),  # the same, but the second window closes at 8
        ((9.0, 9.5, 5.0), set()),  # on the way home
        ((14.0, 14.0, 5.0), set()),  # after the end
    ],
)
def test_rest(rest, what):
    """The rest must find its place between visits, before the start or after the end."""
    case = line(wagons=[Wagon([2], rest=rest)])
    case.due = [math.inf, 3.0, 8.5]
    if what == {"late"}:
        case.wagons[0].earliest, what = 0.0, {"rest"}
    elif what == {"rest"}:
        case.due = [math.inf, 3.0, 8.0]
    assert faults(case, [1, 2]) == what


def test_locks():
    """A tour under way must begin as it began."""
    case = line(locks=[(0, [1])])
    assert faults(case, [1, 2]) == set()
    case.locks = [(0, [2])]
    assert faults(case, [1, 2]) == {"lock"}


def test_durations_matrix():
    """Times come from their own matrix, which may differ by direction."""
    case = line(times=[[0, 9, 9], [1, 0, 1], [1, 1, 0]])
    assert "late" in faults(case, [1, 2])


def test_best_known_solution_of_a_public_instance():
    """The published solution of X-n101-k25 costs 27591 and breaks no rule."""
    verdict = check(DATA / "X-n101-k25.vrp", DATA / "X-n101-k25.sol")
    assert verdict.ok
    assert verdict.cost == 27591


def test_answer_names_its_vehicles(tmp_path):
    """`Vehicle #k` belongs to the tour above it; empty tours do not count."""
    path = tmp_path / "a.sol"
    path.write_text("Route #1: 1\nVehicle #1: 2\nRoute #2:\nRoute #3: 2 3\nCost 7.5\n")
    assert read_answer(path, depots=2) == Answer([[2], [3, 4]], [2, 0], 7.5)


@pytest.mark.parametrize("text", ["hello", "NAME : x\nDIMENSION : 2\n", "1 2 1\n0 1"])
def test_unreadable(tmp_path, text):
    """A file that is no instance is one line."""
    path = tmp_path / "x.vrp"
    path.write_text(text)
    with pytest.raises(CheckError, match="cannot be read"):
        check(path, DATA / "X-n101-k25.sol")


@pytest.mark.parametrize("content", [b"", b"Cost 0\n", bytes(range(128, 256))])
def test_a_file_without_tours_is_no_solution(tmp_path, content):
    """Of stops that must be visited; it may be where none is, or where it says what it leaves."""
    (tmp_path / "x.sol").write_bytes(content)
    with pytest.raises(CheckError, match=r"x.sol: has no line 'Route #1: ...'; name a file with"):
        check(DATA / "X-n101-k25.vrp", tmp_path / "x.sol")
    table = tmp_path / "x.csv"
    table.write_text("id,x,y,demand,price\na,3,4,1,7\n")
    verdict = check(table, tmp_path / "x.sol", depot=(0.0, 0.0), capacity=1)
    assert verdict.cost == 7
    (tmp_path / "x.sol").write_text("Unserved: 1 2 3\n")
    assert not check(DATA / "X-n101-k25.vrp", tmp_path / "x.sol").ok


def test_the_judge_shares_no_code_with_the_solver():
    """Its files import nothing of the product but each other."""
    folder = Path(__file__).parents[3] / "routing" / "road"
    own = {path.stem for path in folder.glob("case*.py")} | {"answer", "check"}
    for name in own:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("routing"):
                assert node.module in {f"routing.road.{name}" for name in own}
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("routing") for alias in node.names)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("X-n101-k25.vrp", "CAPACITY : \t206", "CAPACITY : 206.5", "206.5 is not a whole number"),
        ("X-n101-k25.vrp", "CAPACITY : \t206", "CAPACITY : inf", "inf is not a whole number"),
        ("R101.txt", "49          10 ", "49        10.5 ", "10.5 is not a whole number"),
        ("R101.txt", "49          10 ", "49        nan ", "nan is not a whole number"),
    ],
)
def test_nothing_is_cut(tmp_path, file, old, new, said):
    """A demand or a capacity with decimals is no case to judge."""
    text = (DATA / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    (tmp_path / "x.sol").write_text("Route #1: 1\n")
    with pytest.raises(CheckError, match=said):
        check(tmp_path / file, tmp_path / "x.sol")


def test_a_table_with_decimals_is_no_case(tmp_path):
    """Nor is a table's; and a depot and a stop may have one name."""
    path = tmp_path / "s.csv"
    (tmp_path / "x.sol").write_text("Route #1: 1\nCost 10\n")
    path.write_text("id,x,y,demand\ndepot,3,4,1\n")
    assert check(path, tmp_path / "x.sol", depot=(0, 0), capacity=1).ok
    path.write_text("id,x,y,demand\ndepot,3,4,1.5\n")
    with pytest.raises(CheckError, match=r"1\.5 is not a whole number"):
        check(path, tmp_path / "x.sol", depot=(0, 0), capacity=1)
