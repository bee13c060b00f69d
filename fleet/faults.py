"""Chance by name: the same seed, kind and numbers give the same draw, in whatever order asked.

A stream of random numbers would tie each draw to all draws before it, and so to the number of
hosts or to a restart; a hash of what the draw is for does not.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

WORD = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
# The same for arrays, made once.
STEP = np.uint64(GOLDEN)
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


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
    # Of the simulated network and robots (`fleet simulate`) alone.
    MESSAGE = 77
    ORDER_OF_ARRIVAL = 78
    LATE = 79


def draw(seed: int, kind: Chance, a: np.ndarray | int, b: np.ndarray | int = 0) -> np.ndarray:
    """Return uniform draws in [0, 1) for the numbers a and b (broadcast); float64."""
    value = _mix_one((seed + int(kind) * GOLDEN) & WORD)
    mixed = _with(_with(value, a), b)
    if isinstance(mixed, int):
        return np.asarray((mixed >> 11) / float(1 << 53))
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _with(value: np.ndarray | int, number: np.ndarray | int) -> np.ndarray | int:
    """Mix one more number in; single ones as Python's integers, which take a tenth of the time."""
    if np.ndim(number) == 0:
        number = int(number) & WORD
        if isinstance(value, int):
            return _mix_one(value ^ number)
        return _mix(value ^ np.uint64(number))
    first = np.uint64(value) if isinstance(value, int) else value
    return _mix(first ^ np.asarray(number).astype(np.uint64))


def _mix(value: np.ndarray) -> np.ndarray:
    """Finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    value = value + STEP
    for shift, factor in zip(SHIFTS, FACTORS, strict=False):
        value ^= value >> shift
        value *= factor
    return value ^ (value >> SHIFTS[-1])


def _mix_one(value: int) -> int:
    """`_mix` of one number below 2^64."""
    value = (value + GOLDEN) & WORD
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD
    return value ^ (value >> 31)
