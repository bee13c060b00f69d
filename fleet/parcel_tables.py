"""Tables of text and numbers, from CSV and Parquet files.

A table is its columns by name and a function that tells where a row stands in the file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np

BLOCK_ROWS = 100_000

# A column as it comes from a file: text with "" where empty, or numbers with NaN where empty.
Column: TypeAlias = "list[str] | np.ndarray"


class ParcelError(ValueError):
    """A parcel file that cannot be used, in one line: file, line, column, value, remedy."""


def read_csv(path: Path) -> tuple[dict[str, Column], Callable[[int], str]]:
    """Return a CSV file's columns, and what tells a row's line."""
    header: list[str] = []
    blocks: list[list[str]] = []
    with _open_csv(path) as file:
        try:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            if len(set(header)) < len(header):
                twice = next(name for name in header if header.count(name) > 1)
                raise ParcelError(f"{path}:1: column {twice} stands twice; keep one of them")
            blocks = [[] for _ in header]
            for rows in _blocks(reader):
                if min(map(len, rows)) < len(header) or max(map(len, rows)) > len(header):
                    raise _ragged(path, len(header))
                for block, column in zip(blocks, zip(*rows, strict=True), strict=True):
                    block.extend(map(str.strip, column))
        except csv.Error as error:
            raise ParcelError(
                f"{path}:{reader.line_num}: not CSV ({error}); mend its quotes"
            ) from None
        except UnicodeDecodeError as error:
            raise ParcelError(f"{path}: not UTF-8 ({error}); save it as UTF-8") from None
    return dict(zip(header, blocks, strict=True)), lambda row: _line(path, row)


def _open_csv(path: Path) -> IO[str]:
    try:
        return path.open(newline="", encoding="utf-8-sig")
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def _blocks(reader: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for row in reader:
        if row:  # an empty line is no parcel
            rows.append(row)
        if len(rows) == BLOCK_ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _line(path: Path, row: int) -> str:
    """Return the line a row ends on; found by reading again, since it is needed only once."""
    with _open_csv(path) as file:
        reader = csv.reader(file, strict=True)
        next(reader)
        for k, _ in enumerate(line for line in reader if line):
            if k == row:
                break
        return str(reader.line_num)


def _ragged(path: Path, wanted: int) -> ParcelError:
    with _open_csv(path) as file:
        reader = csv.reader(file, strict=True)
        for row in reader:
            if row and len(row) != wanted:
                return ParcelError(
                    f"{path}:{reader.line_num}: {len(row)} fields where the header has {wanted}; "
                    "give each column a field, or quote the comma"
                )
    raise AssertionError("no ragged row")


# -- Parquet


def read_parquet(path: Path) -> tuple[dict[str, Column], Callable[[int], str]]:
    """Return a Parquet file's columns, and what tells a row's number."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ParcelError(
            f"{path}: reading Parquet needs pyarrow; uv sync --extra parquet"
        ) from None
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise ParcelError(f"{path}: cannot be read ({reason}); name a Parquet file") from None
    columns: dict[str, Column] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_integer(column.type) and name.strip().lower() == "id":
            columns["id"] = [str(v) if v is not None else "" for v in column.to_pylist()]
        elif pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            columns[name.strip().lower()] = np.array(
                column.cast(pa.float64()).to_numpy(), np.float64
            )
        else:
            texts = ("" if v is None else str(v).strip() for v in column.to_pylist())
            columns[name.strip().lower()] = list(texts)
    return columns, lambda row: f"row {row + 1}"
