"""Stops as a table: CSV, or Parquet with the `parquet` extra.

Columns: `id`; `x`, `y` or `lat`, `lon`; `demand` (several dimensions: `demand_1`, `demand_2` ...);
and as they apply `ready`, `due`, `service`, `price` (of leaving the stop out; none: it must be
served), `skills` (words) and `pickup` (on the delivery of a pair: the id of its pickup).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.road.problem import ProblemError

KNOWN = ("id", "x", "y", "lat", "lon", "ready", "due", "service", "price", "skills", "pickup")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of text or numbers by name; `degrees`: the places are latitudes and longitudes."""

    path: Path
    columns: dict[str, list[str] | np.ndarray]
    rows: int

    @property
    def degrees(self) -> bool:
        """Whether places are lat and lon."""
        return "lat" in self.columns

    @property
    def names(self) -> list[str]:
        """The stops' ids."""
        return [str(name) for name in self.columns["id"]]

    @property
    def demands(self) -> list[str]:
        """The demand's columns, one a dimension."""
        return sorted(name for name in self.columns if name.startswith("demand"))

    def numbers(self, name: str, default: float | None = None) -> np.ndarray:
        """float64[rows] of a column; `default` where it is absent or its cell is empty."""
        column = self.columns.get(name)
        if column is None:
            if default is None:
                raise ProblemError(f"{self.path}: column {name!r} is missing; add it")
            return np.full(self.rows, default)
        if isinstance(column, np.ndarray):
            values = column.astype(np.float64)
            return values if default is None else np.where(np.isnan(values), default, values)
        try:
            return np.array(column, np.float64)
        except ValueError:
            return np.array([self._number(name, k, default) for k in range(self.rows)])

    def _number(self, name: str, row: int, default: float | None) -> float:
        text = self.columns[name][row]
        if text == "" and default is not None:
            return default
        try:
            return float(text)
        except ValueError:
            raise ProblemError(
                f"{self.path}: line {row + 2}: {name} is {text!r}; give a number"
            ) from None

    def places(self) -> np.ndarray:
        """float64[rows, 2]: x and y, or longitude and latitude."""
        names = ("lon", "lat") if self.degrees else ("x", "y")
        return np.column_stack([self.numbers(name) for name in names])


def read_table(path: Path) -> Table:
    """Read a table of stops.

    Raises
    ------
    ProblemError
        In one line: file, line, value and remedy.
    """
    columns = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    if "id" not in columns:
        raise ProblemError(f"{path}: column 'id' is missing; there are {', '.join(columns)}")
    for name in columns:
        if name not in KNOWN and not name.startswith("demand"):
            raise ProblemError(f"{path}: column {name!r} is unknown; known are {', '.join(KNOWN)}")
    table = Table(path, columns, len(columns["id"]))
    if not table.demands:
        raise ProblemError(f"{path}: column 'demand' is missing; add it")
    seen: dict[str, int] = {}
    if len(set(names := table.names)) < table.rows:
        for row, name in enumerate(names):
            if name in seen:
                raise ProblemError(
                    f"{path}: line {row + 2}: id {name!r} is also in line {seen[name] + 2}; "
                    "name each stop once"
                )
            seen[name] = row
    return table


def _csv(path: Path) -> dict[str, list[str] | np.ndarray]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            head = [name.strip() for name in next(reader, [])]
            rows = [row for row in reader if row]
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    if not rows:
        raise ProblemError(f"{path}: holds no stops; give one a line below the column names")
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise ProblemError(
                f"{path}: line {number} has {len(row)} cells, {len(head)} are due; "
                "the file may be cut off"
            )
    return {name: list(cells) for name, cells in zip(head, zip(*rows, strict=True), strict=True)}


def _parquet(path: Path) -> dict[str, list[str] | np.ndarray]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise ProblemError(f"{path}: Parquet is not installed; install peakday[parquet]") from None
    try:
        table = parquet.read_table(path)
    except (OSError, ArrowInvalid) as error:
        raise ProblemError(f"{path}: {error}; name a Parquet file") from None
    columns: dict[str, list[str] | np.ndarray] = {}
    for name in table.column_names:
        column = table[name]
        if name in ("id", "skills", "pickup"):
            columns[name] = ["" if v is None else str(v) for v in column.to_pylist()]
        else:
            columns[name] = column.to_numpy()
    return columns
