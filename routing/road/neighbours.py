"""The nearest stops of each stop: a k-d tree in the plane, or rows of the matrix."""

from __future__ import annotations

import math

import numpy as np

from routing.compiled import loop
from routing.road.problem import Problem

LEAF = 8
WAITING = 0.2  # weight of waiting in the proximity of two stops (Vidal et al. 2013)
WARP = 1.0  # weight of being late


def neighbours(problem: Problem, count: int) -> np.ndarray:
    """int32[stops, count]: for each stop (0 = first stop) the nearest others, nearest first.

    Where stops have windows, near means near in place and time.
    """
    stops = problem.stops
    count = max(1, min(count, stops - 1))
    windows = bool(np.isfinite(problem.due[problem.depots :]).any())
    wide = min(stops - 1, 4 * count) if windows else count
    if stops <= 1:
        return np.full((stops, 1), -1, np.int32)
    first = problem.depots
    if problem.distances is not None:
        table = problem.distances[first:, first:]
        table = np.minimum(table, table.T)
        np.fill_diagonal(table, math.inf)
        near = np.argpartition(table, wide - 1, axis=1)[:, :wide].astype(np.int32)
        length = np.take_along_axis(table, near, axis=1)
        order = np.lexsort((near, length), axis=1)
        near = np.take_along_axis(near, order, axis=1)
        length = np.take_along_axis(length, order, axis=1)
    else:
        near, length = nearest(np.ascontiguousarray(problem.xy[first:]), wide)
    if not windows:
        return near
    to = back = length * problem.pace
    if problem.durations is not None:
        here = np.arange(first, first + stops)[:, None]
        to, back = problem.durations[here, near + first], problem.durations[near + first, here]
    return _by_time(
        near, length, to, back, problem.ready[first:], problem.due[first:],
        problem.service[first:], count,
    )  # fmt: skip


@loop
def _by_time(
    near: np.ndarray,
    length: np.ndarray,
    to: np.ndarray,
    back: np.ndarray,
    ready: np.ndarray,
    due: np.ndarray,
    service: np.ndarray,
    count: int,
) -> np.ndarray:
    out = np.empty((near.shape[0], count), np.int32)
    for i in range(near.shape[0]):
        score = np.empty(near.shape[1])
        for k in range(near.shape[1]):
            j = near[i, k]
            way = to[i, k]
            first = max(0.0, ready[j] - way - service[i] - due[i]) * WAITING
            first += max(0.0, ready[i] + service[i] + way - due[j]) * WARP
            way = back[i, k]
            last = max(0.0, ready[i] - way - service[j] - due[j]) * WAITING
            last += max(0.0, ready[j] + service[j] + way - due[i]) * WARP
            score[k] = length[i, k] + min(first, last)
        order = np.argsort(score, kind="mergesort")
        for k in range(count):
            out[i, k] = near[i, order[k]]
    return out


def nearest(xy: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (int32[points, count]) and distances of the nearest others, nearest first."""
    order, split = _tree(xy)
    near = np.empty((len(xy), count), np.int32)
    length = np.empty((len(xy), count))
    _query(xy, order, split, near, length, 0, len(xy))
    return near, length


@loop
def _tree(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of the points and axis of each split: a balanced tree without pointers."""
    points = xy.shape[0]
    order = np.arange(points).astype(np.int32)
    split = np.zeros(points, np.uint8)
    todo = np.empty((128, 2), np.int64)
    todo[0, 0] = 0
    todo[0, 1] = points
    height = 1
    while height > 0:
        height -= 1
        low, high = todo[height]
        if high - low <= LEAF:
            continue
        left = right = xy[order[low], 0]
        bottom = top = xy[order[low], 1]
        for k in range(low + 1, high):
            x, y = xy[order[k]]
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
        axis = 0 if right - left >= top - bottom else 1
        middle = (low + high) // 2
        _select(xy, order, low, high - 1, middle, axis)
        split[middle] = axis
        todo[height, 0], todo[height, 1] = low, middle
        todo[height + 1, 0], todo[height + 1, 1] = middle + 1, high
        height += 2
    return order, split


@loop
def _select(xy: np.ndarray, order: np.ndarray, low: int, high: int, middle: int, axis: int) -> None:
    """Quickselect: the point of rank `middle` to its place, smaller ones before it."""
    while low < high:
        pivot = xy[order[(low + high) // 2], axis]
        i, j = low, high
        while i <= j:
            while xy[order[i], axis] < pivot:
                i += 1
            while xy[order[j], axis] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            return


@loop
def _query(
    xy: np.ndarray,
    order: np.ndarray,
    split: np.ndarray,
    near: np.ndarray,
    length: np.ndarray,
    start: int,
    end: int,
) -> None:
    """Fill the rows of the points from `start` to `end` - 1 in the order of the tree."""
    count = near.shape[1]
    todo = np.empty((128, 2), np.int64)
    gap = np.empty(128)
    for at in range(start, end):
        i = order[at]
        x, y = xy[i]
        if _all_here(xy, order, at, near, length):
            continue
        found = 0
        todo[0, 0], todo[0, 1] = 0, xy.shape[0]
        gap[0] = 0.0
        height = 1
        while height > 0:
            height -= 1
            worst = length[i, count - 1] if found == count else math.inf
            if gap[height] > worst or worst == 0.0:
                continue
            low, high = todo[height]
            if high - low <= LEAF:
                for k in range(low, high):
                    found = _offer(xy, i, order[k], near, length, found)
                continue
            middle = (low + high) // 2
            j = order[middle]
            found = _offer(xy, i, j, near, length, found)
            side = x - xy[j, 0] if split[middle] == 0 else y - xy[j, 1]
            far = max(gap[height], side * side)
            same = gap[height]
            if side < 0.0 or (side == 0.0 and at <= middle):
                todo[height, 0], todo[height, 1] = middle + 1, high
                todo[height + 1, 0], todo[height + 1, 1] = low, middle
            else:
                todo[height, 0], todo[height, 1] = low, middle
                todo[height + 1, 0], todo[height + 1, 1] = middle + 1, high
            gap[height] = far
            gap[height + 1] = same
            height += 2
        for k in range(count):
            length[i, k] = math.sqrt(length[i, k])


@loop
def _all_here(
    xy: np.ndarray, order: np.ndarray, at: int, near: np.ndarray, length: np.ndarray
) -> bool:
    """Whether all points beside `at` in the order of the tree lie on its own; then they are near.

    Of many at one address each so gets others, not all of them the same few.
    """
    count = near.shape[1]
    i = order[at]
    low = max(0, min(at - count // 2, order.size - count - 1))
    for k in range(low, low + count + 1):
        if xy[order[k], 0] != xy[i, 0] or xy[order[k], 1] != xy[i, 1]:
            return False
    found = 0
    for k in range(low, low + count + 1):
        if k != at:
            near[i, found] = order[k]
            length[i, found] = 0.0
            found += 1
    return True


@loop
def _offer(xy: np.ndarray, i: int, j: int, near: np.ndarray, length: np.ndarray, found: int) -> int:
    """Enter point `j` among the nearest of `i` (squared lengths; ties by index)."""
    if i == j:
        return found
    across = xy[i, 0] - xy[j, 0]
    up = xy[i, 1] - xy[j, 1]
    d = across * across + up * up
    count = near.shape[1]
    if found == count:
        worst = length[i, count - 1]
        if d > worst or (d == worst and j > near[i, count - 1]):
            return found
        k = count - 1
    else:
        k = found
        found += 1
    while k > 0 and (length[i, k - 1] > d or (length[i, k - 1] == d and near[i, k - 1] > j)):
        length[i, k] = length[i, k - 1]
        near[i, k] = near[i, k - 1]
        k -= 1
    length[i, k] = d
    near[i, k] = j
    return found
