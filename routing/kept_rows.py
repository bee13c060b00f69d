"""Rows of benchmarks in a file, one JSON object a line: a run that broke off goes on from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class RowsError(ValueError):
    """A file of something else, in one line."""


def kept_rows(path: Path | None, *names: str) -> list[dict[str, Any]]:
    """Return the rows of a file, which have these names; none where there is no file yet.

    A last line that was cut off as it was written is taken out, so that what follows begins on a
    line of its own.

    Raises
    ------
    RowsError
        For a file of something else, which is left as it is.
    """
    if path is None or not path.exists():
        return []
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise RowsError(f"{path}: is no text; name another --out") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if isinstance(row, dict) and row.keys() >= set(names):
            rows.append(row)
        elif row is None and number == len(lines) and _is_cut_off(line):
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
