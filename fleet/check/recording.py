"""A recorded run as the judge sees it, read from the store's documented tables alone.

Nothing here is shared with the store's own readers or with the controller: the judge opens the
file, decodes frames, orders and journal, and reads the map by itself.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec
import numpy as np

from fleet.events import INSTANT, KINDS, ORDER, REPORT, ROBOT_FRAME

# Rows of the parcel log.
LOG = np.dtype([("tick", "i8"), ("parcel", "i8"), ("state", "i8"), ("place", "i8")])
# Operators' requests, refused or done.
REQUEST = np.dtype(
    [("tick", "i8"), ("what", "i8"), ("robot", "i8"), ("cell", "i8"), ("refused", "?")]
)

# Journalled alarms (`events.Alarm`).
ALARM = np.dtype(
    [("tick", "i8"), ("what", "i8"), ("robot", "i8"), ("detail", "i8"), ("ticks", "i8")]
)

# Journalled: what robots said of their batteries (`events.BATTERY`), who was sent to which charger
# (`events.CHARGE`).
SAID = np.dtype([("tick", "i8"), ("robot", "i8"), ("charge", "i8"), ("charging", "i8")])
SENT = np.dtype([("tick", "i8"), ("robot", "i8"), ("charger", "i8")])

# Kinds of events that are read beside the robots' reports.
OTHERS = ("submit", "operate", "alarm", "battery", "charge")

STORE_VERSION = 7  # of the schema; the judge keeps its own, as it shares no code with the store


class RecordingError(ValueError):
    """A run that cannot be judged; the message says why and what to do, in one line."""


@dataclass(frozen=True, eq=False)
class Map:
    """A floor's letters and what the judge needs of them."""

    height: int
    width: int
    letters: np.ndarray  # uint8[cells]
    stations: np.ndarray  # cells, ascending
    chutes: np.ndarray  # cells of chutes, ascending, then of reject chutes


@dataclass(frozen=True, eq=False)
class Tour:
    """One row of the tour table."""

    id: int
    wave: int
    plan_tick: int
    load: int
    distance: float
    parcels: np.ndarray
    chute: int | None
    chute_tick: int | None
    ready_tick: int | None
    courier: int | None
    depart_tick: int | None
    home_tick: int | None


@dataclass(frozen=True, eq=False)
class Recording:
    """Everything of a run that is judged.

    Attributes
    ----------
    ticks, cells
        When frames were taken, int64[ticks], and each robot's cell then, int32[ticks, robots].
    codes
        Each robot's `events.RobotStatus` then; uint8[ticks, robots].
    report_ticks, reports
        States (dtype `events.REPORT`) that differ from the robot's one before, in order of tick.
    order_ticks, orders
        Orders (dtype `events.ORDER`) and the tick after whose commit they were sent.
    instant_ticks, instants
        Instant actions (dtype `events.ORDER`), repeats too, and the tick as for orders.
    alarms
        Journalled alarms (dtype `ALARM`), in order.
    batteries, sent
        What robots said of their batteries (dtype `SAID`), and who was sent to which charger
        (dtype `SENT`), in order of tick.
    told
        Alarms by the alarm table (dtype `ALARM`), in order.
    submits
        First and last of each batch of accepted parcels; int64[batches, 2].
    parcels
        Columns of the parcel table.
    log
        The parcel log (dtype `LOG`), in order.
    asked, journalled
        Operators' requests by the request table and by the journal (dtype `REQUEST`), in order.
    """

    meta: dict[str, str]
    map: Map
    ticks: np.ndarray
    cells: np.ndarray
    codes: np.ndarray
    report_ticks: np.ndarray
    reports: np.ndarray
    order_ticks: np.ndarray
    orders: np.ndarray
    instant_ticks: np.ndarray
    instants: np.ndarray
    alarms: np.ndarray
    batteries: np.ndarray
    sent: np.ndarray
    told: np.ndarray
    submits: np.ndarray
    parcels: dict[str, np.ndarray]
    log: np.ndarray
    tours: list[Tour]
    asked: np.ndarray
    journalled: np.ndarray

    @property
    def requests(self) -> np.ndarray:
        """Operators' requests that were done, in order (dtype `REQUEST`)."""
        return self.asked[~self.asked["refused"]]

    @property
    def opening(self) -> np.ndarray:
        """Each robot's cell at opening; int64."""
        return np.frombuffer(bytes.fromhex(self.meta["opening_cells"]), np.int32).astype(np.int64)

    @property
    def ended(self) -> bool:
        """Whether the day came to its end."""
        return bool(self.meta.get("ended"))

    @property
    def tick_seconds(self) -> float:
        """Duration of a tick."""
        scenario = msgspec.toml.decode(self.meta["scenario"])
        return float(scenario.get("floor", {}).get("tick_seconds", 0.25))

    @property
    def robot_parcels(self) -> int:
        """What a robot carries at once."""
        scenario = msgspec.toml.decode(self.meta["scenario"])
        return int(scenario.get("robots", {}).get("parcels", 1))


def read_recording(run: Path) -> Recording:
    """Read a run folder, or its `store.sqlite`.

    Raises
    ------
    RecordingError
        If it is no run, or its store is damaged.
    """
    path = run / "store.sqlite" if run.is_dir() else run
    if not path.is_file():
        raise RecordingError(f"{path}: no such run; name a run folder that `fleet run` made")
    # In a folder where nobody can write there is no place for SQLite's side files.
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    mode = "?mode=ro&immutable=1" if still else "?mode=ro"
    db = sqlite3.connect(path.absolute().as_uri() + mode, uri=True)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version != STORE_VERSION:
            raise RecordingError(
                f"{path}: schema version {version}, this judge reads {STORE_VERSION}; "
                "judge it with the version of peakday that wrote it"
            )
        return _read(db)
    except RecordingError:
        raise
    except (sqlite3.Error, zlib.error, msgspec.MsgspecError, ValueError, KeyError) as error:
        raise RecordingError(
            f"{path}: not a whole run ({type(error).__name__}: {error}); restore a backup"
        ) from error
    finally:
        db.close()


def _read(db: sqlite3.Connection) -> Recording:
    meta = dict(db.execute("SELECT key, value FROM meta"))
    ticks, frames = _frames(db)
    journal = _journal(db, frames.shape[1])
    others = journal.others
    order_ticks, orders, instant_ticks, instants = _orders(db)
    log = db.execute("SELECT tick, parcel, state, place FROM parcel_log ORDER BY seq").fetchall()
    return Recording(
        meta=meta,
        map=read_map(meta["map"]),
        ticks=ticks,
        cells=np.ascontiguousarray(frames["cell"]),
        codes=np.ascontiguousarray(frames["status"]),
        report_ticks=journal.report_ticks,
        reports=journal.reports,
        order_ticks=order_ticks,
        orders=orders,
        instant_ticks=instant_ticks,
        instants=instants,
        alarms=np.array(others["alarm"], ALARM),
        batteries=np.array(others["battery"], SAID),
        sent=np.array(others["charge"], SENT),
        submits=np.array([row[1:] for row in others["submit"]], np.int64).reshape(-1, 2),
        told=_alarms(db),
        parcels=_parcels(db),
        log=np.array(log, LOG),
        tours=_tours(db),
        asked=_requests(db),
        journalled=np.array([(*row[:4], False) for row in others["operate"]], REQUEST),
    )


def read_map(text: str) -> Map:
    """Read a MovingAI map: E stations, S chutes, R reject chutes (without one the last chute)."""
    lines = text.splitlines()
    start = lines.index("map") + 1
    rows = [line for line in lines[start:] if line]
    width = len(rows[0])
    letters = np.frombuffer("".join(rows).encode(), np.uint8)
    chutes = np.flatnonzero(letters == ord("S"))
    rejects = np.flatnonzero(letters == ord("R"))
    return Map(
        height=len(rows),
        width=width,
        letters=letters,
        stations=np.flatnonzero(letters == ord("E")),
        chutes=np.concatenate([chutes, rejects if len(rejects) else chutes[-1:]]),
    )


def _frames(db: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray]:
    """Return ticks and frames; a frame is the difference to the last unless it is a keyframe."""
    rows = db.execute("SELECT tick, keyframe, robots FROM frame ORDER BY tick").fetchall()
    if not rows:
        raise ValueError("it has no frame yet")
    blobs = [np.frombuffer(zlib.decompress(blob), np.uint8) for _, _, blob in rows]
    raw = np.stack(blobs)
    for k, (_, key, _) in enumerate(rows):
        if not key:
            raw[k] ^= raw[k - 1]
    return np.array([tick for tick, _, _ in rows], np.int64), raw.view(ROBOT_FRAME)


@dataclass(frozen=True, eq=False)
class _Journal:
    """What the judge needs of the journal: reports that say something new, and other events."""

    report_ticks: np.ndarray
    reports: np.ndarray
    others: dict[str, list[tuple]]  # by kind: tick, then the event's columns


def _journal(db: sqlite3.Connection, robots: int) -> _Journal:
    last = np.zeros(robots, REPORT)
    last["robot"] = -1
    seen = last.view(f"V{REPORT.itemsize}")
    ticks: list[np.ndarray] = [np.zeros(0, np.int64)]
    reports: list[np.ndarray] = [np.zeros(0, REPORT)]
    others: dict[str, list[tuple]] = {kind: [] for kind in OTHERS}
    decoder = msgspec.msgpack.Decoder(dict[str, bytes])
    for tick, blob in db.execute("SELECT tick, events FROM journal ORDER BY tick"):
        plain = decoder.decode(zlib.decompress(blob))
        for kind in OTHERS:
            if kind in plain:
                rows = np.frombuffer(plain[kind], KINDS[kind])
                if kind in ("battery", "charge"):
                    _must_exist(rows["robot"], robots, tick)
                others[kind] += [(tick, *row) for row in rows.tolist()]
        if "report" not in plain:
            continue
        rows = np.frombuffer(plain["report"], REPORT).copy()
        rows["header"] = 0  # counts messages, and says nothing of the robot
        _must_exist(rows["robot"], robots, tick)
        new = rows[rows.view(seen.dtype) != seen[rows["robot"]]]
        last[new["robot"]] = new
        reports.append(new)
        ticks.append(np.full(len(new), tick, np.int64))
    return _Journal(np.concatenate(ticks), np.concatenate(reports), others)


def _must_exist(numbers: np.ndarray, robots: int, tick: int) -> None:
    if not ((numbers >= 0) & (numbers < robots)).all():
        raise ValueError(f"tick {tick} has a report of a robot that is not there")


def _orders(db: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return ticks and rows of orders, and of instant actions."""
    ticks, orders = [np.zeros(0, np.int64)], [np.zeros(0, ORDER)]
    for tick, blob in db.execute("SELECT tick, orders FROM orders ORDER BY tick"):
        orders.append(np.frombuffer(zlib.decompress(blob), ORDER))
        ticks.append(np.full(len(orders[-1]), tick, np.int64))
    when, rows = np.concatenate(ticks), np.concatenate(orders)
    at_once = rows["action"] >= INSTANT
    return when[~at_once], rows[~at_once], when[at_once], rows[at_once]


def _requests(db: sqlite3.Connection) -> np.ndarray:
    rows = db.execute("SELECT tick, what, robot, cell, refused FROM request ORDER BY seq")
    return np.array([(*row[:4], row[4] != "") for row in rows], REQUEST)


def _alarms(db: sqlite3.Connection) -> np.ndarray:
    rows = db.execute("SELECT tick, what, robot, detail, ticks FROM alarm ORDER BY seq")
    return np.array(rows.fetchall(), ALARM)


def _parcels(db: sqlite3.Connection) -> dict[str, np.ndarray]:
    kinds = {
        "id": np.int64, "x": float, "y": float, "size": np.int64, "ready_tick": np.int64,
        "due_open": float, "due_close": float, "station": np.int64, "accepted_tick": np.int64,
    }  # fmt: skip
    rows = db.execute(f"SELECT {', '.join(kinds)} FROM parcel ORDER BY id").fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return {
        name: np.array(column, kind)
        for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }


def _tours(db: sqlite3.Connection) -> list[Tour]:
    rows = db.execute("SELECT * FROM tour ORDER BY id").fetchall()
    names = [field.name for field in fields(Tour)]
    plain = [dict(zip(names, row, strict=True)) for row in rows]
    return [Tour(**row | {"parcels": np.frombuffer(row["parcels"], np.int32)}) for row in plain]
