"""Read a problem, whatever its format."""

from __future__ import annotations

from pathlib import Path

from routing.road.formats.cvrplib import parse_cvrplib
from routing.road.formats.lilim import parse_lilim
from routing.road.formats.solomon import parse_solomon
from routing.road.problem import Problem, ProblemError


def read_problem(
    path: str | Path, *, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem in a CVRPLIB, Solomon/Homberger or Li and Lim file.

    Parameters
    ----------
    rounding
        Instead of the format's own: CVRPLIB's EUC_2D is "nearest", but files with time windows
        are "dimacs" (cut to one decimal); Solomon, Homberger, Li and Lim are "exact".
    objective
        Instead of "distance" (CVRPLIB) or "vehicles" (the others).

    Raises
    ------
    ProblemError
        In one line, where the file cannot be read as any of these.
    """
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    head = text[:4096]
    if "DIMENSION" in head or "NODE_COORD" in head:
        return parse_cvrplib(text, str(path), rounding, objective)
    if "VEHICLE" in head.upper() and "CUST" in head.upper():
        return parse_solomon(text, str(path), rounding, objective)
    first = head.strip().split("\n", 1)[0].split()
    if len(first) == 3:
        return parse_lilim(text, str(path), rounding, objective)
    raise ProblemError(f"{path}: neither CVRPLIB, Solomon nor Li and Lim; see the formats' pages")
