"""Read a problem, whatever its format."""

from __future__ import annotations

import re
from pathlib import Path

from routing.road.formats.cvrplib import parse_cvrplib
from routing.road.formats.described import problem_of_table, read_described
from routing.road.formats.lilim import parse_lilim
from routing.road.formats.solomon import parse_solomon
from routing.road.problem import Problem, ProblemError

_CVRPLIB = re.compile(
    r"^[ \t]*(DIMENSION[ \t]*:|[A-Z_]+_SECTION[ \t]*:?[ \t]*\r?$)", re.MULTILINE | re.IGNORECASE
)


def read_problem(
    path: str | Path,
    *,
    rounding: str | None = None,
    objective: str | None = None,
    depot: tuple[float, float] | None = None,
    capacity: int | None = None,
) -> Problem:
    """The problem in a CVRPLIB, Solomon/Homberger, Li and Lim, TOML, CSV or Parquet file.

    Parameters
    ----------
    rounding
        Instead of the format's own: CVRPLIB's EUC_2D is "nearest", but files with time windows
        are "dimacs" (cut to one decimal); Solomon, Homberger, Li and Lim are "exact"; tables are
        "exact" or as their TOML file says.
    objective
        Instead of "distance" (CVRPLIB, tables) or "vehicles" (Solomon, Homberger, Li and Lim).
    depot, capacity
        For a table of stops alone: x, y or lat, lon, and what one vehicle takes.

    Raises
    ------
    ProblemError
        In one line, where the file cannot be read as any of these.
    """
    path = Path(path)
    try:
        return _read(path, rounding, objective, depot, capacity)
    except ProblemError as error:
        where, colon, what = str(error).partition(": ")
        if not colon or where == str(path) or Path(where).exists():
            raise
        # the problem's own checks know its name, not its file
        raise ProblemError(f"{path}: {what}") from None


def _read(
    path: Path, rounding: str | None, objective: str | None,
    depot: tuple[float, float] | None, capacity: int | None,
) -> Problem:  # fmt: skip
    if path.suffix in (".csv", ".parquet"):
        return problem_of_table(path, depot, capacity, rounding, objective)
    place = None if depot is None else f"{depot[0]:g},{depot[1]:g}"
    for option, value in (("--depot", place), ("--capacity", capacity)):
        if value is not None:
            raise ProblemError(
                f"{path}: {option} {value} is for a table (.csv, .parquet) alone; leave it out"
            )
    if path.suffix == ".toml":
        return read_described(path, rounding, objective)
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    head = text[:4096]
    if "\0" in head:
        raise ProblemError(f"{path}: is no plain text, or UTF-16; save it as UTF-8")
    if _CVRPLIB.search(text):
        return parse_cvrplib(text, str(path), rounding, objective)
    if "VEHICLE" in head.upper() and "CUST" in head.upper():
        return parse_solomon(text, str(path), rounding, objective)
    first = head.strip().split("\n", 1)[0]
    if len(first.split()) == 3 and ":" not in first:
        return parse_lilim(text, str(path), rounding, objective)
    if path.suffix == ".vrp":
        return parse_cvrplib(text, str(path), rounding, objective)  # it says what is missing
    raise ProblemError(
        f"{path}: neither CVRPLIB, Solomon, Li and Lim, TOML nor a table; see `routing solve -h`"
    )
