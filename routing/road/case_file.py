"""Which format a file has for the judge; Solomon, Homberger, Li and Lim."""

from __future__ import annotations

import re
from pathlib import Path

from routing.road.case import Case, CheckError, Wagon, bound, finite, text_of, whole
from routing.road.case_cvrplib import cvrplib_case
from routing.road.case_described import described_case, table_case

KEYWORDS = re.compile(
    r"^[ \t]*(DIMENSION[ \t]*:|[A-Z_]+_SECTION[ \t]*:?[ \t]*$)", re.IGNORECASE | re.MULTILINE
)


def read_case(
    path: Path, depot: tuple[float, float] | None = None, capacity: int | None = None
) -> Case:
    """Read an instance in any of the formats; a table of stops needs a depot and a capacity."""
    try:
        if path.suffix in (".csv", ".parquet"):
            if depot is None or capacity is None:
                raise CheckError(f"{path}: a table has neither depot nor vehicles; name both")
            return table_case(path, depot, capacity)
        place = None if depot is None else f"{depot[0]:g},{depot[1]:g}"
        for option, value in (("--depot", place), ("--capacity", capacity)):
            if value is not None:
                raise CheckError(
                    f"{path}: {option} {value} is for a table (.csv, .parquet) alone; leave it out"
                )
        if path.suffix == ".toml":
            return described_case(path)
        text = text_of(path)
        if KEYWORDS.search(text):
            return cvrplib_case(text)
        lines = [words for line in text.splitlines() if (words := line.split())]
        if any(words[0].upper().startswith("CUST") for words in lines):
            return _solomon_case(lines)
        return _lilim_case(lines)
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        if isinstance(error, CheckError):
            raise
        raise CheckError(f"{path}: cannot be read ({error}); compare it with its format") from None


def _solomon_case(lines: list[list[str]]) -> Case:
    names = [words[0].upper() for words in lines]
    if "NUMBER" not in names or "CUST" not in names:
        raise ValueError("no line begins with NUMBER, or none with CUST NO.")
    vehicles, capacity = (whole(word) for word in lines[names.index("NUMBER") + 1])
    return _plain_case(_rows(lines[names.index("CUST") + 1 :], 7), vehicles, capacity)


def _lilim_case(lines: list[list[str]]) -> Case:
    if not lines or len(lines[0]) != 3:
        raise ValueError("line 1 does not give vehicles, capacity and speed")
    vehicles, capacity = whole(lines[0][0]), whole(lines[0][1])
    if finite(lines[0][2]) != 1:
        raise ValueError(f"the speed is {lines[0][2]}; only 1 is read")
    table = _rows(lines[1:], 9)
    case = _plain_case(table, vehicles, capacity)
    pickup, delivery = ([whole(row[column]) for row in table] for column in (7, 8))
    for node, (one, two) in enumerate(zip(pickup, delivery, strict=True)):
        partner = one or two
        if not 0 <= partner < len(table) or (one and two):
            raise ValueError(f"stop {node} names pickup {one} and delivery {two}")
        if partner and (delivery if one else pickup)[partner] != node:
            raise ValueError(f"stops {node} and {partner} do not name each other")
        if one:
            case.pickup_of[node] = one
    return case


def _rows(lines: list[list[str]], width: int) -> list[list[str]]:
    """The rows as they are, once it is known that they are numbered from 0 and whole."""
    for number, words in enumerate(lines):
        if finite(words[0]) != number:
            raise ValueError(f"stop {words[0]} stands where {number} is due")
        if len(words) != width:
            raise ValueError(f"stop {words[0]} has {len(words)} numbers, {width} are due")
    if not lines:
        raise ValueError("no stops were found")
    if whole(lines[0][3]):
        raise ValueError(f"the depot has the demand {lines[0][3]}")
    return lines


def _plain_case(table: list[list[str]], vehicles: int, capacity: int) -> Case:
    return Case(
        points=[(finite(row[1]), finite(row[2])) for row in table],
        demand=[[whole(row[3])] for row in table],
        ready=[finite(row[4]) for row in table],
        due=[bound(row[5]) for row in table],
        service=[finite(row[6]) for row in table],
        wagons=[Wagon([capacity], vehicles)],
        objective="vehicles",
    )
