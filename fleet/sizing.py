"""What a sizing study says: its rows as a table, CSV and picture, and where robots stop paying.

A row is one whole day with a number of robots; its figures mean what they mean in `fleet report`.
``lead_p95_seconds`` runs to the door, ``sort_p95_seconds`` to the chute.
"""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = dict[str, Any]

MEASURED = (  # what a mean over days is of
    "parcels_per_hour", "parcels_per_robot_hour", "jobs_per_robot_day", "lead_p95_seconds",
    "sort_p95_seconds", "waiting", "idle", "charging",
)  # fmt: skip
COLUMNS = (
    "robots", *MEASURED, "sorted", "delivered", "collisions", "lost", "doubled", "ended",
    "planner_p99_ms", "wall_seconds", "seed", "day", "state_hash",
)  # fmt: skip
# A further robot pays while it brings at least this share of what each of the first ones brings.
PAYS = 0.5
ROOM = 1.06  # of a picture's panel, for its highest point to stand clear of the edge


def row_of(figures: Row, **more: object) -> Row:
    """Return the row of a day with these key figures (`summary.summarize`)."""
    floor, parcels = figures["floor"], figures["parcels"]
    return {
        "robots": floor["robots"],
        "parcels_per_hour": floor["parcels_per_hour"],
        "parcels_per_robot_hour": floor["parcels_per_robot_hour"],
        "jobs_per_robot_day": floor["jobs_per_robot_day"],
        "lead_p95_seconds": figures["lead_time_seconds"]["p95"],
        "sort_p95_seconds": figures["sort_time_seconds"]["p95"],
        "waiting": floor["share"]["waiting"],
        "idle": floor["share"]["idle"],
        "charging": floor["share"]["charging"],
        "sorted": parcels["sorted"],
        "delivered": parcels["delivered"],
        "collisions": figures["collisions"],
        "lost": parcels["lost"],
        "doubled": parcels["doubled"],
        "ended": figures["ended"],
        "planner_p99_ms": floor["planner_ms"]["p99"],
        "wall_seconds": figures["wall_seconds"],
        "state_hash": figures["state_hash"],
        **more,
    }


def means(rows: list[Row]) -> list[Row]:
    """Return a row for each number of robots: means over its days, and what ended otherwise.

    ``seeds`` says how many days there are, ``parcels_per_hour_least`` and ``_most`` how far apart.
    """
    found = []
    for robots in dict.fromkeys(row["robots"] for row in rows):
        days = [row for row in rows if row["robots"] == robots]
        mean: Row = {"robots": robots, "seeds": len(days)}
        for key in MEASURED:
            values = [row[key] for row in days]
            mean[key] = None if None in values else sum(values) / len(values)
        hourly = [row["parcels_per_hour"] or 0.0 for row in days]
        mean |= {"parcels_per_hour_least": min(hourly), "parcels_per_hour_most": max(hourly)}
        mean |= {key: sum(row[key] for row in days) for key in ("collisions", "lost", "doubled")}
        found.append(mean | {"ended": all(row["ended"] for row in days)})
    return found


def sound(row: Row) -> bool:
    """Tell whether a row's day ended with nothing lost, doubled or collided."""
    return bool(row["ended"]) and not (row["collisions"] or row["lost"] or row["doubled"])


def knee(rows: list[Row]) -> int | None:
    """Return the number of robots beyond which further ones pay less than half.

    Over the points (robots, parcels an hour) and the origin lies the least concave curve.  The knee
    is its last corner up to which a further robot brings at least half (`PAYS`) of what each
    brings on its first stretch.  The curve takes out the noise of single days: a point below it
    makes no corner.  None where nothing was sorted, and where it would be the fewest robots: the
    curve bends below them then, or they are the only ones, and no day shows where.
    """
    points = sorted((row["robots"], row["parcels_per_hour"] or 0.0) for row in rows)
    corners: list[tuple[int, float]] = [(0, 0.0)]
    for x, y in points:
        while len(corners) > 1 and _slope(corners[-2], corners[-1]) <= _slope(corners[-1], (x, y)):
            corners.pop()
        corners.append((x, y))
    first = _slope(corners[0], corners[1]) if points else 0.0
    if first <= 0:
        return None
    best = corners[1][0]
    for before, corner in pairwise(corners[1:]):
        if _slope(before, corner) >= PAYS * first:
            best = corner[0]
    return None if best == points[0][0] else best


def knee_words(rows: list[Row]) -> str:
    """Return the knee in words, or why there is none."""
    best = knee(rows)
    if best is not None:
        most = best == max(row["robots"] for row in rows)
        return f"{best:,} robots" + (" or more (the most lived; name more, too)" if most else "")
    if not any(row["parcels_per_hour"] for row in rows):
        return "none (nothing was sorted)"
    if len(rows) == 1:
        return "none (one number shows no bend; name several)"
    fewest = min(row["robots"] for row in rows)
    return f"none (robots beyond {fewest:,} do not pay; name fewer, too)"


def _slope(one: tuple[int, float], two: tuple[int, float]) -> float:
    return (two[1] - one[1]) / (two[0] - one[0])


def table(rows: list[Row]) -> str:
    """Return rows of `means` as a table, the knee marked."""
    several = any(row["seeds"] > 1 for row in rows)
    head = ["robots", "parcels/h", *(["least", "most"] if several else []), "per robot-h",
            "lead p95 [s]", "to chute p95 [s]", "waiting [%]", "idle [%]", ""]  # fmt: skip
    best = knee(rows)
    lines = [head]
    for row in rows:
        shares = [_number(None if row[k] is None else 100 * row[k], 1) for k in ("waiting", "idle")]
        note = "knee" if row["robots"] == best else ""
        lines.append(
            [
                f"{row['robots']:,}",
                _number(row["parcels_per_hour"], 0),
                *(_number(row[f"parcels_per_hour_{k}"], 0) for k in ("least", "most") if several),
                _number(row["parcels_per_robot_hour"], 1),
                _number(row["lead_p95_seconds"], 0),
                _number(row["sort_p95_seconds"], 0),
                *shares,
                note if sound(row) else f"{note} NOT SOUND".strip(),
            ]
        )
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    return "\n".join(
        "  ".join(word.rjust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def write_csv(rows: list[Row], path: Path) -> None:
    """Write the rows, one a line."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def plot(rows: list[Row], path: Path, title: str) -> None:
    """Draw parcels an hour, lead time and waiting share of `means` over the number of robots."""
    from matplotlib.figure import Figure

    robots = [row["robots"] for row in rows]
    best = knee(rows)
    figure = Figure(figsize=(8, 8), layout="constrained")
    rate, lead, share = figure.subplots(3, 1, sharex=True, height_ratios=[2, 1, 1])
    figure.suptitle(title)

    def line(panel: Any, key: str, label: str, scale: float, how: str = "o-", **more: Any) -> None:
        values = [float("nan") if row[key] is None else row[key] * scale for row in rows]
        panel.plot(robots, values, how, label=label, markersize=4, **more)

    line(rate, "parcels_per_hour", "sorted", 1.0)
    if any(row["seeds"] > 1 for row in rows):
        low, high = ([row[f"parcels_per_hour_{k}"] for row in rows] for k in ("least", "most"))
        rate.fill_between(robots, low, high, alpha=0.2, label="least to most of the seeds")
        rate.legend(fontsize=8, loc="lower right")
    rate.set(ylabel="parcels an hour")
    rate.yaxis.set_major_formatter("{x:,.0f}")
    line(lead, "lead_p95_seconds", "to the door", 1 / 60)
    line(lead, "sort_p95_seconds", "to the chute", 1 / 60, "s--", color="C2")
    lead.set(ylabel="lead time p95, min")
    lead.legend(fontsize=8)
    line(share, "waiting", "waiting for others", 100.0, color="C3")
    line(share, "idle", "without a parcel", 100.0, "s--", color="0.5")
    share.set(ylabel="robots, %", xlabel="robots")
    share.legend(fontsize=8)
    for panel in (rate, lead, share):
        top = panel.dataLim.y1  # infinite where there is no point
        panel.set_ylim(0, ROOM * top if 0 < top < math.inf else 1)
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
        if best is not None:
            panel.axvline(best, color="C1", linestyle=":", linewidth=1.5)
    if best is not None:
        height = next(row["parcels_per_hour"] for row in rows if row["robots"] == best) or 0.0
        rate.plot([best], [height], "o", color="C1", markersize=9, fillstyle="none")
        far = best > max(robots) / 2  # the words would leave the picture on the right
        rate.annotate(
            f"knee: {knee_words(rows)}, {height:,.0f} an hour", (best, height),
            xytext=(-10, 8) if far else (10, -22), ha="right" if far else "left",
            textcoords="offset points",
        )  # fmt: skip
    figure.savefig(path, dpi=110)
