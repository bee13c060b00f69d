"""The JSON of a League result or problem, read where it lies.

A result of 10,000 robots has a hundred megabytes.  What nobody asks for is not decoded at all, and
long lists row by row, so that there is never more than one row of them as objects.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from viz.source import SourceError

# Lists with a row for each robot, task or event.
LONG = {
    "start", "actualPaths", "plannerPaths", "actualSchedule", "tasks", "events", "delayIntervals",
    "errors", "scheduleErrors",
}  # fmt: skip
SHORT = {"mapFile", "agentFile", "teamSize", "actionModel", "agentMaxCounter"}


class Rows(Sequence):
    """A JSON list whose rows are decoded when they are asked for, each time anew."""

    def __init__(self, rows: list[msgspec.Raw]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Rows(self._rows[index])
        return msgspec.json.decode(self._rows[index])

    def __iter__(self) -> Iterator[Any]:
        return map(msgspec.json.decode, self._rows)


def read_league(path: Path) -> dict[str, Any]:
    """Return what viz shows of a League file, by its names there.

    Raises
    ------
    SourceError
        If it is no JSON object.
    """
    try:
        with path.open("rb") as file:
            text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        return {name: _value(name, raw) for name, raw in fields.items() if name in LONG | SHORT}
    except (OSError, ValueError, RecursionError):
        # It says what is wrong, or reads what is not strictly JSON: Python writes NaN.
        return _read_all(path)


def is_result(plain: dict[str, Any]) -> bool:
    """Tell whether a League file is a result: who started where, and went how."""
    return "start" in plain and ("actualPaths" in plain or "plannerPaths" in plain)


def _value(name: str, raw: msgspec.Raw) -> Any:
    if name in LONG and bytes(memoryview(raw)[:1]) == b"[":
        return Rows(msgspec.json.decode(raw, type=list[msgspec.Raw]))
    return msgspec.json.decode(raw)


def _read_all(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: is no UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x}); "
            "save it as UTF-8, or name another file"
        ) from error
    except RecursionError:
        raise SourceError(
            f"{path}: not JSON of the League (lists lie too deep in one another); name another file"
        ) from None
    except ValueError as error:
        raise SourceError(f"{path}: not JSON ({error}); was the file cut off?") from error
    if not isinstance(value, dict):
        raise SourceError(
            f"{path}: a JSON {type(value).__name__}, not an object; name a League result"
        )
    return value
