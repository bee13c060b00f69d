"""The judge's own reader of files: League results, and the rows of the maps they are judged on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from routing.floor.grid import FloorError

HEAD = re.compile(r"(height|width) +([0-9]{1,9})")


def read_rows(path: Path) -> list[str]:
    """Read the rows of a map file (.map)."""
    return map_rows(_text(path, "not a map (it is no text); give a MovingAI map"), str(path))


def map_rows(text: str, name: str = "map") -> list[str]:
    """Return the rows of a MovingAI map, all of one length.

    Raises
    ------
    FloorError
        Where the head is wrong, or rows do not agree with it.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    if not lines or lines[0].split() not in (["type", "octile"], ["type", "tile"]):
        raise FloorError(f"{name}:1: not a MovingAI map; the first line is `type octile`")
    sizes = {}
    for number, line in enumerate(lines[1:3], start=2):
        said = HEAD.fullmatch(line)
        if said is None:
            raise FloorError(
                f"{name}:{number}: {line[:40]!r}; lines 2 and 3 are `height H` and `width W`"
            )
        sizes[said[1]] = int(said[2])
    if len(sizes) != 2 or lines[3:4] != ["map"]:
        raise FloorError(f"{name}: lines 2 to 4 are `height H`, `width W` and `map`; begin it so")
    rows = lines[4:]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) != sizes["height"]:
        raise FloorError(
            f"{name}: {len(rows)} rows, but `height {sizes['height']}`; make them agree"
        )
    for number, row in enumerate(rows, start=5):
        if len(row) != sizes["width"]:
            raise FloorError(
                f"{name}:{number}: row of {len(row)} letters, but `width {sizes['width']}`; make "
                "all rows equally long"
            )
    return rows


def read_plain(path: Path) -> Any:
    """Read a result file (JSON)."""
    remedy = "give a League result"
    text = _text(path, f"not JSON (it is no text); {remedy}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FloorError(f"{path}: not JSON ({error}); {remedy}") from None


def _text(path: Path, refusal: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FloorError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise FloorError(f"{path}: {refusal}") from None
