"""Whether a plot can be drawn: asked before hours of work, not after."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SUFFIXES = (".png", ".svg", ".pdf")


def plot_fault(path: Path) -> str:
    """What keeps a plot from being drawn into a file, "" where nothing does."""
    if path.suffix.lower() not in SUFFIXES:
        return f"--plot {path}: unknown kind of picture; name a .png, .svg or .pdf file"
    if find_spec("matplotlib") is None:
        return "--plot: matplotlib is missing; uv sync --extra plots"
    return ""
