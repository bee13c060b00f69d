"""Rows of benchmarks in a file, one JSON object a line: a run that broke off goes on from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class RowsError(ValueError):
    """A file of something else, in one line."""


def kept_rows(
    path: Path | None, *names: str, fault: Callable[[dict[str, Any]], str] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a file, which have these names; none where there is no file yet.

    A last line that was cut off as it was written is taken out, so that what follows begins on a
    line of its own.

    Parameters
    ----------
    fault
        Says what is wrong with a row that has the names, "" where nothing is.

    Raises
    ------
    RowsError
        For a file of something else, or a row with a fault; the file is left as it is.
    """
    if path is None or not path.exists():
        return []
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise RowsError(f"{path}: is no text; name another --out") from None
    for number, line in enumerate(lines, 1):
        cut_off = False
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row, cut_off = None, number == len(lines) and _is_cut_off(line)
        except (ValueError, RecursionError):  # a number of thousands of digits, or nested so deep
            row = None
        if isinstance(row, dict) and row.keys() >= set(names):
            if fault is not None and (words := fault(row)):
                raise RowsError(
                    f"{path}: line {number}: {words}; correct the line or name another --out"
                )
            rows.append(row)
        elif cut_off:
            path.write_text("".join(lines[:-1]), encoding="utf-8")
        else:
            raise RowsError(f"{path}: line {number} is no row of this kind; name another --out")
    if rows and not path.read_bytes().endswith(b"\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")
    return rows


def _is_cut_off(line: str) -> bool:
    """Whether this is the beginning of a row, and no other text without an end of line."""
    return line.startswith("{") and not line.endswith("\n")
