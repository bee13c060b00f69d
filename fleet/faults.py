"""Chance by name: the same seed, kind and numbers give the same draw, in whatever order asked.

A stream of random numbers would tie each draw to all draws before it, and so to the number of
hosts or to a restart; a hash of what the draw is for does not.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Chance(IntEnum):
    """What a draw is for."""

    STATION = 1
    READY = 2
    MISSING = 3
    FAILED = 4
    BLOCKED = 5
    BLOCKED_CHUTE = 6
    CANCELLED = 7
    CANCEL_TIME = 8
    UNTOURED = 9
    BATTERY = 10


def draw(seed: int, kind: Chance, a: np.ndarray | int, b: np.ndarray | int = 0) -> np.ndarray:
    """Return uniform draws in [0, 1) for the numbers a and b (broadcast); float64."""
    with np.errstate(over="ignore"):
        value = _mix(np.uint64(seed) + np.uint64(kind) * np.uint64(0x9E3779B97F4A7C15))
        value = _mix(value ^ np.asarray(a).astype(np.uint64))
        value = _mix(value ^ np.asarray(b).astype(np.uint64))
    return (value >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _mix(value: np.ndarray | np.uint64) -> np.ndarray:
    """Finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    value = np.asarray(value, np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))
