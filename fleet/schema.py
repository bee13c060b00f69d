"""The tables of a run's store, and the version of their form."""

from __future__ import annotations

SCHEMA_VERSION = 7

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- Parcels as they were accepted; id is the row of every parcel column.
CREATE TABLE parcel (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, x REAL NOT NULL, y REAL NOT NULL,
    size INTEGER NOT NULL, ready_tick INTEGER NOT NULL, due_open REAL, due_close REAL,
    paid INTEGER NOT NULL, station INTEGER NOT NULL, accepted_tick INTEGER NOT NULL) STRICT;
-- A parcel's way: each change of its state. place: the station's index, the robot, the chute's
-- index, or the tour, whichever the state speaks of; -1 where it speaks of none.
CREATE TABLE parcel_log (
    seq INTEGER PRIMARY KEY, tick INTEGER NOT NULL, parcel INTEGER NOT NULL,
    state INTEGER NOT NULL, place INTEGER NOT NULL) STRICT;
CREATE TABLE tour (
    id INTEGER PRIMARY KEY, wave INTEGER NOT NULL, plan_tick INTEGER NOT NULL,
    load INTEGER NOT NULL, distance REAL NOT NULL, parcels BLOB NOT NULL,
    chute INTEGER, chute_tick INTEGER, ready_tick INTEGER, courier INTEGER,
    depart_tick INTEGER, home_tick INTEGER) STRICT;
-- Which parcel a robot was given, and when (rank 0 rows of the assign events).
CREATE TABLE task_log (
    seq INTEGER PRIMARY KEY, tick INTEGER NOT NULL, robot INTEGER NOT NULL,
    parcel INTEGER NOT NULL) STRICT;
CREATE TABLE journal (
    tick INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, events BLOB NOT NULL,
    digest BLOB NOT NULL, state BLOB NOT NULL DEFAULT x'') STRICT;
-- The outbox.  Ticks in which no robot had anything to do are left out: no host lives them.
CREATE TABLE orders (tick INTEGER PRIMARY KEY, orders BLOB NOT NULL) STRICT;
-- Simulated robots first to last - 1 as they stood after a tick of a day in lockstep (zlib of
-- `robot.ROBOT` rows): a host that comes anew lives the later ticks only.
CREATE TABLE robots (
    first INTEGER NOT NULL, last INTEGER NOT NULL, tick INTEGER NOT NULL, robots BLOB NOT NULL,
    PRIMARY KEY (first, last)) STRICT;
CREATE TABLE frame (
    tick INTEGER PRIMARY KEY, keyframe INTEGER NOT NULL, robots BLOB NOT NULL,
    accepted INTEGER NOT NULL, at_station INTEGER NOT NULL, on_robot INTEGER NOT NULL,
    sorted INTEGER NOT NULL, delivered INTEGER NOT NULL) STRICT;
-- Operators' requests in the order in which they were taken in (`events.Operation`; parcel by
-- name); refused: why it was not done, '' where it was.
CREATE TABLE request (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tick INTEGER NOT NULL, who TEXT NOT NULL,
    what INTEGER NOT NULL, robot INTEGER NOT NULL, cell INTEGER NOT NULL, parcel TEXT NOT NULL,
    refused TEXT NOT NULL) STRICT;
-- What a person should know of robots (`events.Alarm`), as the journal has it.
CREATE TABLE alarm (
    seq INTEGER PRIMARY KEY, tick INTEGER NOT NULL, what INTEGER NOT NULL, robot INTEGER NOT NULL,
    detail INTEGER NOT NULL, ticks INTEGER NOT NULL) STRICT;
CREATE TABLE snapshot (tick INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT;
-- Wall times; outside every hash.
CREATE TABLE wall (
    tick INTEGER PRIMARY KEY, tick_ms REAL NOT NULL, planner_ms REAL NOT NULL) STRICT;
CREATE INDEX parcel_log_parcel ON parcel_log (parcel);
CREATE INDEX parcel_log_tick ON parcel_log (tick);
CREATE INDEX task_log_robot ON task_log (robot, tick);
"""
