"""Stops as a table: CSV, or Parquet with the `parquet` extra.

Columns: `id`; `x`, `y` or `lat`, `lon`; `demand` (several dimensions: `demand_1`, `demand_2` ...);
and as they apply `ready`, `due`, `service`, `price` (of leaving the stop out; none: it must be
served), `skills` (words) and `pickup` (on the delivery of a pair: the id of its pickup).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from routing.road.given import whole_numbers
from routing.road.problem import ProblemError

DEGREES = {"lat": 90, "lon": 180}  # at most, north or south and east or west
KNOWN = (
    "id", "x", "y", "lat", "lon", "demand", "ready", "due", "service", "price", "skills", "pickup",
)  # fmt: skip


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
        names = (name for name in self.columns if name.startswith("demand"))
        return sorted(names, key=lambda name: (len(name), name))  # 10 after 9

    def where(self, row: int) -> str:
        """The file and the line of a row; blank lines are counted, in this search alone."""
        if self.path.suffix == ".parquet":
            return f"{self.path}: row {row + 1}"
        with self.path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = (reader.line_num for cells in reader if cells)
            return f"{self.path}: line {next(islice(lines, row + 1, None))}"

    def whole(self, name: str) -> np.ndarray:
        """int64[rows] of a column of whole numbers; an empty cell is 0."""
        return whole_numbers(self.numbers(name, 0.0), lambda row: f"{self.where(row)}: {name}")

    def numbers(self, name: str, default: float | None = None) -> np.ndarray:
        """float64[rows] of a column; `default` where it is absent or its cell is empty."""
        column = self.columns.get(name)
        if column is None:
            if default is None:
                raise ProblemError(f"{self.path}: column {name!r} is missing; add it")
            return np.full(self.rows, default)
        if isinstance(column, np.ndarray):
            try:
                values = column.astype(np.float64)
            except (TypeError, ValueError) as error:
                raise ProblemError(f"{self.path}: column {name!r}: {error}; give numbers") from None
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
            raise ProblemError(f"{self.where(row)}: {name} is {text!r}; give a number") from None

    def places(self) -> np.ndarray:
        """float64[rows, 2]: x and y, or longitude and latitude."""
        names = ("lon", "lat") if self.degrees else ("x", "y")
        places = np.column_stack([self.numbers(name) for name in names])
        for name, values in zip(names, places.T, strict=True) if self.degrees else ():
            bad = ~(np.abs(values) <= DEGREES[name])
            if bad.any():
                row = int(bad.argmax())
                raise ProblemError(
                    f"{self.where(row)}: {name} is {values[row]:g}; "
                    f"give degrees from -{DEGREES[name]} to {DEGREES[name]}"
                )
        return places


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
    if "" in table.names:
        raise ProblemError(f"{table.where(table.names.index(''))}: id is empty; name the stop")
    seen: dict[str, int] = {}
    if len(set(names := table.names)) < table.rows:
        for row, name in enumerate(names):
            if name in seen:
                raise ProblemError(
                    f"{table.where(row)}: id {name!r} is also in "
                    f"{table.where(seen[name]).removeprefix(f'{path}: ')}; name each stop once"
                )
            seen[name] = row
    return table


def _csv(path: Path) -> dict[str, list[str] | np.ndarray]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            head = [name.strip() for name in next(reader, [])]
            _check_head(path, head)
            rows = []
            for row in reader:
                if len(row) == len(head):
                    rows.append(row)
                elif row:
                    raise ProblemError(
                        f"{path}: line {reader.line_num} has {len(row)} cells, {len(head)} are "
                        "due; the file may be cut off"
                    )
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except csv.Error as error:
        raise ProblemError(f"{path}: line {reader.line_num}: {error}; correct it") from None
    if not rows:
        raise ProblemError(f"{path}: holds no stops; give one a line below the column names")
    return {name: list(cells) for name, cells in zip(head, zip(*rows, strict=True), strict=True)}


def _check_head(path: Path, head: list[str]) -> None:
    if len(head) == 1 and (";" in head[0] or "\t" in head[0]):
        raise ProblemError(f"{path}: line 1 is {head[0]!r}; put commas between the cells")
    if (twice := _twice(head)) is not None:
        raise ProblemError(f"{path}: column {twice!r} stands twice in line 1; name each once")


def _twice(names: list[str]) -> str | None:
    return next((name for k, name in enumerate(names) if name in names[:k]), None)


def _parquet(path: Path) -> dict[str, list[str] | np.ndarray]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise ProblemError(f"{path}: Parquet is not installed; uv sync --extra parquet") from None
    if path.is_dir():  # pyarrow would read all that lies in it
        raise ProblemError(f"{path}: is a folder; name a file in it")
    try:
        twice = _twice(parquet.read_schema(path).names)
        if twice is not None:
            raise ProblemError(f"{path}: column {twice!r} stands twice; name each once")
        table = parquet.read_table(path)
    except (OSError, ArrowInvalid) as error:
        raise ProblemError(f"{path}: {error}; name a Parquet file") from None
    if not table.num_rows:
        raise ProblemError(f"{path}: holds no stops; give one a row")
    columns: dict[str, list[str] | np.ndarray] = {}
    for name in table.column_names:
        column = table[name]
        if name in ("id", "skills", "pickup"):
            columns[name] = [_word(value) for value in column.to_pylist()]
        else:
            columns[name] = column.to_numpy()
    return columns


def _word(value: Any) -> str:
    """A cell as text; pandas holds whole numbers with gaps between them as floats."""
    if isinstance(value, float):
        return "" if math.isnan(value) else str(int(value)) if value.is_integer() else str(value)
    return "" if value is None else str(value)
