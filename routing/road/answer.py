"""Answers as the judge reads them: CVRPLIB's solution files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from routing.road.case import CheckError, lines_of

# A word and a number before the colon; # is not written by all.
LABEL = re.compile(r"([a-z]+)\s*#?\s*\d+")
# What is no known line, but gives numbers as a tour would be given.
ALIKE = re.compile(
    r"rout[a-z]?\b.*"
    r"|vehicle\s*[:#\d].*"
    r"|\w*\s*#\s*\d+\s*(:.*|[^a-z]*)"  # a number with #
    r"|(\w+\s+)?\d+\s*:(\s[^a-z]*)?"  # a number with a colon
    r"|([^:\d]*:)?\s*\d+(\s+\d+)+"  # several numbers, and nothing after them
)


@dataclass
class Answer:
    """A solution: tours as nodes, their vehicle types, and the cost that it claims."""

    tours: list[list[int]]
    kinds: list[int]
    claimed: float | None = None
    told: bool = field(default=True, compare=False)  # whether it says what is driven or left out


def read_answer(path: Path, depots: int = 1) -> Answer:
    """Tours and claimed cost of a solution file."""
    answer = Answer([], [], told=False)
    for number, line in enumerate(lines_of(path), 1):
        small = line.lower()
        name, colon, rest = small.partition(":")
        label = LABEL.fullmatch(name.strip()) if colon else None
        word = label[1] if label else ""
        where = f"{path}: line {number} is {line!r}"
        try:
            if word == "route":
                answer.tours.append([int(stop) + depots - 1 for stop in rest.split()])
                answer.kinds.append(0)
                answer.told = True
            elif word == "vehicle":
                answer.kinds[-1] = int(rest)
            elif small.startswith("cost"):
                answer.claimed = _claim(small, where)
            elif name.strip() == "unserved":
                answer.told = True
            elif ALIKE.fullmatch(small):
                raise CheckError(f"{where}; write a tour as 'Route #2: 3 4', or leave the line out")
        except (ValueError, IndexError) as error:
            if isinstance(error, CheckError):
                raise
            raise CheckError(f"{where}; give whole numbers") from None
    kept = [k for k, tour in enumerate(answer.tours) if tour]
    answer.tours = [answer.tours[k] for k in kept]
    answer.kinds = [answer.kinds[k] for k in kept]
    return answer


def _claim(line: str, where: str) -> float:
    try:
        cost = float(line.split()[1])
    except (ValueError, IndexError):
        cost = math.nan
    if not math.isfinite(cost):
        raise CheckError(f"{where}; give a number")
    return cost
