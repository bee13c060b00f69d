"""The command line: one line where it is wrong, and numbers that cannot be meant are refused."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any, NoReturn

MOST_ERRANDS = 1000  # of a drawn task
MOST_SEED = 2**32 - 1
MOST_ITERATIONS = 10**15  # no machine gets that far, and 1,000 times that still fit in 64 bits
MOST_SECONDS = 1e6  # twelve days: twice that, in milliseconds, is what the system can wait at once


class Help(argparse.HelpFormatter):
    """Says of each option what holds without it."""

    def _get_help_string(self, action: argparse.Action) -> str:
        text, value = action.help or "", action.default
        plain = isinstance(value, int | float | str) and not isinstance(value, bool)
        if not plain or value in ("", argparse.SUPPRESS) or "(default" in text:
            return text
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        return f"{text} (default: {shown})"


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong; `--help` has the rest."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **{"formatter_class": Help, **how})

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is unknown here, in the command's own name and not in that of all."""
        namespace, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return namespace, unknown


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number of at least `least`, and at most `most`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            words = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{text!r}; give a whole number {words}")
        return number

    return read


def number(least: float, most: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """Return what reads a finite number of at least `least`, or above it, and at most `most`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        low = value < least or (above and value == least)
        if not math.isfinite(value) or low or value > most:
            words = f"above {least:g}" if above else f"of at least {least:g}"
            words += f", up to {most:.10g}" if most < math.inf else ""
            raise argparse.ArgumentTypeError(f"{text!r}; give a number {words}")
        return value

    return read


def errands(text: str) -> tuple[int, int]:
    """Read `A:B`, fewest and most."""
    low, high = _span(text)
    if not 1 <= low <= high <= MOST_ERRANDS:
        raise argparse.ArgumentTypeError(
            f"{text!r}; give A:B with 1 <= A <= B <= {MOST_ERRANDS}, such as 2:5"
        )
    return low, high


def seeds(text: str) -> range:
    """Read `A:B`, from A to before B, or one seed."""
    low, high = _span(text if ":" in text else f"{text}:{text}")
    high += ":" not in text
    if not 0 <= low < high <= MOST_SEED + 1:
        raise argparse.ArgumentTypeError(
            f"{text!r}; give A:B with 0 <= A < B, such as 0:3, or one; seeds go up to {MOST_SEED}"
        )
    return range(low, high)


def _span(text: str) -> tuple[int, int]:
    try:
        low, high = (int(word) for word in text.split(":"))
    except ValueError:
        return -1, -1
    return low, high
