"""Rows of benchmarks in a file, one JSON object a line: a run that broke off goes on from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def kept_rows(path: Path | None) -> list[dict[str, Any]]:
    """Return the rows of a file; none for a line at which a run was broken off."""
    if path is None or not path.exists():
        return []
    rows = []
    text = path.read_text(encoding="utf-8")
    for line in text.splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    if text and not text.endswith("\n"):
        with path.open("a", encoding="utf-8") as out:
            out.write("\n")
    return rows
