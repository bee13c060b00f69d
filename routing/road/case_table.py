"""Tables of stops as the judge reads them."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from routing.road.case import CheckError

WORDS = ("id", "skills", "pickup")
NUMBERS = ("x", "y", "lat", "lon", "ready", "due", "service", "price")


def stop_rows(path: Path) -> list[dict[str, Any]]:
    """The rows by column: words as text, numbers as float, None where a number is not given.

    Raises
    ------
    ValueError
        In one line, where the table is cut off or contradicts itself.
    """
    head, rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    name = path.name
    for column in head:
        if column not in (*WORDS, *NUMBERS) and not column.startswith("demand"):
            raise ValueError(f"{name}: column {column!r} is unknown")
    places = ("lat", "lon") if "lat" in head else ("x", "y")
    for column in ("id", *places):
        if column not in head:
            raise ValueError(f"{name}: column {column!r} is missing")
    if not any(column.startswith("demand") for column in head):
        raise ValueError(f"{name}: column 'demand' is missing")
    if not rows:
        raise ValueError(f"{name}: holds no stops")
    seen: set[str] = set()
    for where, row in rows:
        if row["id"] == "":
            raise ValueError(f"{name}: {where}: id is not given")
        if row["id"] in seen:
            raise ValueError(f"{name}: {where}: id {row['id']!r} stands twice")
        seen.add(row["id"])
        for column in places:
            if row[column] is None:
                raise ValueError(f"{name}: {where}: {column} is not given")
    return [row for _, row in rows]


def _once(path: Path, head: list[str]) -> None:
    for at, column in enumerate(head):
        if column in head[:at]:
            raise ValueError(f"{path.name}: column {column!r} stands twice")


def _csv(path: Path) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
    rows = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            head = [column.strip() for column in next(lines, [])]
            _once(path, head)
            for cells in lines:
                if not cells:
                    continue
                where = f"line {lines.line_num}"
                if len(cells) != len(head):
                    raise ValueError(
                        f"{path.name}: {where} has {len(cells)} cells, {len(head)} are due"
                    )
                row = dict(zip(head, cells, strict=True))
                rows.append((where, {k: _of_text(path, where, k, v) for k, v in row.items()}))
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}; name a file that can be read") from error
    except csv.Error as error:
        raise ValueError(f"{path.name}: line {lines.line_num}: {error}") from None
    return head, rows


def _of_text(path: Path, where: str, column: str, cell: str) -> Any:
    if column in WORDS:
        return cell
    if cell == "":
        return None
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise ValueError(f"{path.name}: {where}: {column} is {cell!r}, no number")
    return number


def _parquet(path: Path) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise CheckError(f"{path}: Parquet is not installed; uv sync --extra parquet") from None
    if path.is_dir():  # pyarrow would read all that lies in it
        raise CheckError(f"{path}: is a folder; name a file in it")
    try:
        head = [str(name) for name in parquet.read_schema(path).names]
        _once(path, head)
        table = parquet.read_table(path).to_pylist()
    except (OSError, ArrowInvalid) as error:
        said = str(error).partition("\n")[0]
        raise CheckError(f"{path}: {said}; name a Parquet file") from None
    rows = []
    for number, row in enumerate(table, 1):
        cells = {k: _word(v) if k in WORDS else _number(v) for k, v in row.items()}
        rows.append((f"row {number}", cells))
    return head, rows


def _word(value: Any) -> str:
    """A cell as text; a whole number as such, as a column with gaps holds it with a point."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any) -> float | None:
    """NaN is how columns of numbers say that there is none."""
    return None if value is None or math.isnan(number := float(value)) else number
