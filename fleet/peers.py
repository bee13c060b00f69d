"""The controller's side of the line to hosts and couriers: who is there, and who has answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
import zmq

from fleet import courier, messages, wire
from fleet.courier import Departure
from fleet.events import COURIER, LINK, REPORT, TourState
from fleet.store import Store
from fleet.wire import Header, Kind
from fleet.world import World

log = logging.getLogger("fleet")

SILENT_SECONDS = 3.0  # real seconds without a word until a host's robots count as unreachable
CATCH_UP_TICKS = 512  # ticks in one batch
COURIERS = (-1, -1)


@dataclass
class Peer:
    """One host, or the couriers."""

    route: bytes
    span: tuple[int, int]  # its robots, first to last - 1; `COURIERS` for the couriers
    heard: float
    answered: int = -1  # newest lockstep tick it has reported
    next_tick: int = -1  # couriers: of their next report
    online: bool = True


class Peers:
    """All peers of one controller; one socket, one thread."""

    def __init__(
        self,
        socket: zmq.Socket,
        n_robots: int,
        *,
        lockstep: bool,
        epoch: int,
        depot: tuple[float, float],
        time_of: Callable[[int], str],
        departure_of: Callable[[int], Departure],
        record: Callable[[int, str, str, list[bytes]], None],
    ) -> None:
        self.socket = socket
        self.n_robots = n_robots
        self.lockstep = lockstep
        self.epoch = epoch
        self.depot = depot
        self.time_of = time_of  # a tick's timestamp
        self.departure_of = departure_of  # what a courier is told about a tour
        self.record = record  # tick, topic, direction, messages
        self.period = 0.0
        self.sequence = 0
        self.peers: dict[tuple[int, int], Peer] = {}
        self.headers = np.zeros(n_robots, np.int64)
        self.reports: list[np.ndarray] = []
        self.courier_rows: list[np.ndarray] = []
        self.refused = 0

    # -- who is there

    def complete(self) -> bool:
        """Tell whether every robot has a host and the couriers are there."""
        return COURIERS in self.peers and self.missing() == []

    def missing(self) -> list[tuple[int, int]]:
        """Return the ranges of robots that no host speaks for."""
        holes, reached = [], 0
        for first, last in sorted(span for span in self.peers if span != COURIERS):
            if first > reached:
                holes.append((reached, first))
            reached = last
        if reached < self.n_robots:
            holes.append((reached, self.n_robots))
        return holes

    def all_answered(self, tick: int) -> bool:
        """Tell whether every peer has lived and reported this lockstep tick."""
        return self.complete() and all(peer.answered >= tick for peer in self.peers.values())

    def courier_tick(self) -> int:
        """Return the tick of the couriers' next report, -1 where none is out."""
        peer = self.peers.get(COURIERS)
        return -1 if peer is None else peer.next_tick

    def links(self) -> np.ndarray:
        """Return which hosts were lost or came back since the last call (dtype `events.LINK`)."""
        rows = []
        now = time.monotonic()
        for span, peer in sorted(self.peers.items()):
            online = now - peer.heard < SILENT_SECONDS
            if span != COURIERS and online != peer.online:
                peer.online = online
                rows.append((*span, online))
                if not online:
                    self._connection_broken(span)
        return np.array(rows, LINK)

    def _connection_broken(self, span: tuple[int, int]) -> None:
        log.warning("robots %d to %d: host silent, marked CONNECTIONBROKEN", span[0], span[1] - 1)

    # -- receiving

    def receive(self, world: World, store: Store, wait_seconds: float) -> bool:
        """Take in what has come, waiting for the first batch at most so long; False if none."""
        if not self.socket.poll(max(0, int(wait_seconds * 1000))):
            return False
        while True:
            try:
                route, *frames = self.socket.recv_multipart(flags=zmq.DONTWAIT)
            except zmq.Again:
                return True
            try:
                header = wire.unpack(frames[0])
                self._take(world, store, route, header, frames[1:])
            except (ValueError, IndexError, KeyError, msgspec.DecodeError) as error:
                self.refused += 1
                if self.refused == 1:
                    log.warning("a batch was refused: %s", error)

    def _take(
        self, world: World, store: Store, route: bytes, header: Header, frames: list[bytes]
    ) -> None:
        if header.kind == Kind.HELLO:
            self._hello(world, store, route, msgspec.msgpack.decode(frames[0]))
            return
        peer = next((p for p in self.peers.values() if p.route == route), None)
        if peer is None or header.epoch != self.epoch:
            return  # of an earlier controller, or of a host that another has replaced
        peer.heard = time.monotonic()
        if header.kind == Kind.STATES:
            self.record(header.tick, "state", "in", frames)
            rows = messages.decode_states(frames)
            wrong = (rows["robot"] < peer.span[0]) | (rows["robot"] >= peer.span[1])
            if wrong.any():
                raise ValueError(f"a host spoke for robot {rows['robot'][wrong][0]}, not its own")
            self.reports.append(rows)
            peer.answered = max(peer.answered, header.tick)
        elif header.kind == Kind.NEWS:
            news = msgspec.msgpack.decode(frames[0])
            self.courier_rows.append(np.frombuffer(news["news"], COURIER))
            peer.next_tick = news["next"]
            peer.answered = max(peer.answered, header.tick)
        elif header.kind in (Kind.CONNECTION, Kind.FACTSHEET):
            topic = "connection" if header.kind == Kind.CONNECTION else "factsheet"
            self.record(header.tick, topic, "in", frames)

    def _hello(self, world: World, store: Store, route: bytes, hello: dict) -> None:
        span = COURIERS if hello["role"] == "couriers" else (hello["first"], hello["last"])
        if span != COURIERS:
            if not 0 <= span[0] < span[1] <= self.n_robots:
                self._refuse(route, f"robots {span[0]}:{span[1]}: this day has {self.n_robots}")
                return
            for first, last in self.peers:
                if (first, last) != span and first < span[1] and span[0] < last:
                    self._refuse(
                        route,
                        f"robots {span[0]}:{span[1]}: another host has {first}:{last}; "
                        "choose a range of its own",
                    )
                    return
        known = self.peers.get(span)
        if known is not None and known.route == route:
            return  # it said hello twice before our answer reached it
        peer = self.peers[span] = Peer(route, span, time.monotonic())
        # After a restart of the controller the state knows whether its robots were reachable.
        if span != COURIERS:
            peer.online = bool(world.robots["online"][span[0]])
        # In lockstep the last tick that everybody was sent is sent to the newcomer as well.
        if span == COURIERS:
            self._welcome_couriers(world, store.last_tick(), peer)
        else:
            self._welcome_host(world, store, peer)

    def _refuse(self, route: bytes, reason: str) -> None:
        log.warning("a host was refused: %s", reason)
        self._send(route, Kind.STOP, 0, [msgspec.msgpack.encode({"reason": reason})])

    def _welcome_host(self, world: World, store: Store, peer: Peer) -> None:
        first, last = peer.span
        cells = np.frombuffer(bytes.fromhex(store.meta("opening_cells")), np.int32)
        headings = np.frombuffer(bytes.fromhex(store.meta("opening_headings")), np.uint8)
        last_tick = store.last_tick()
        before = last_tick - 1 if self.lockstep else last_tick
        rows = store.db.execute(
            "SELECT tick, orders FROM orders WHERE tick <= ? ORDER BY tick", (before,)
        ).fetchall()
        loads = np.full(last - first, -1, np.int32)
        # On a real clock nothing leads back to where a lost host's robots were but their own word:
        # they stand where they last said and have lost their orders.
        lost = not self.lockstep and last_tick >= 0
        if lost:
            cells, headings = world.robots["cell"], world.robots["heading"]
            loads = world.robots["load"][first:last]
            rows = []
            self.reports = [r[(r["robot"] < first) | (r["robot"] >= last)] for r in self.reports]
        parts = [rows[k : k + CATCH_UP_TICKS] for k in range(0, len(rows), CATCH_UP_TICKS)]
        welcome = {
            "lockstep": self.lockstep,
            "tick_seconds": self.period,
            "cells": cells[first:last].tobytes(),
            "headings": headings[first:last].tobytes(),
            "lost": lost,
            "loads": loads.tobytes(),
            "catch_up": len(parts),
        }
        self._send(peer.route, Kind.WELCOME, last_tick, [msgspec.msgpack.encode(welcome)])
        for part in parts:
            frames = [tick.to_bytes(8, "little") + blob for tick, blob in part]
            self._send(peer.route, Kind.CATCH_UP, last_tick, frames)
        kept = store.orders(last_tick)
        if self.lockstep and kept is None:
            peer.answered = last_tick  # a quiet tick, which no host was asked to live
        elif self.lockstep and kept is not None:
            orders = np.frombuffer(kept, messages.ORDER)
            mine = orders[(orders["robot"] >= first) & (orders["robot"] < last)]
            self._send_orders(peer, Kind.TICK, last_tick, mine)

    def _welcome_couriers(self, world: World, last_tick: int, peer: Peer) -> None:
        out = [
            courier.pack(self.departure_of(tour), int(world.tours["reported"][tour]))
            for tour in np.flatnonzero(world.tours["state"] == TourState.OUT).tolist()
        ]
        welcome = {
            "lockstep": self.lockstep,
            "tick_seconds": self.period,
            "tick": world.tick,
            "depot": self.depot,
            "out": out,
        }
        self._send(peer.route, Kind.WELCOME, world.tick, [msgspec.msgpack.encode(welcome)])
        if self.lockstep and last_tick >= 0:
            self._send(peer.route, Kind.TICK, last_tick, [])

    def drain(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the newest report of each robot (by robot) and the couriers' news (by tick)."""
        reports = np.concatenate([np.empty(0, REPORT), *self.reports])
        news = np.concatenate([np.empty(0, COURIER), *self.courier_rows])
        self.reports, self.courier_rows = [], []
        if len(reports):
            # Reports are cumulative, so the last one of a robot says all.
            _, last = np.unique(reports["robot"][::-1], return_index=True)
            reports = reports[::-1][last]
        return reports, news

    # -- sending

    def send_tick(
        self, tick: int, orders: np.ndarray, departures: list[Departure], *, quiet: bool
    ) -> None:
        """Send what a committed tick decided; in lockstep everybody is to live it.

        On a quiet floor no robot has anything to do, so that hosts need not even be asked.
        """
        kind = Kind.TICK if self.lockstep else Kind.ORDERS
        for span, peer in self.peers.items():
            if span == COURIERS:
                frames = [msgspec.msgpack.encode(courier.pack(d, 0)) for d in departures]
                if self.lockstep or frames:
                    self._send(peer.route, kind, tick, frames)
                continue
            rows = orders[(orders["robot"] >= span[0]) & (orders["robot"] < span[1])]
            if quiet and self.lockstep:
                peer.answered = tick
            elif self.lockstep or len(rows):
                self._send_orders(peer, kind, tick, rows)

    def _send_orders(self, peer: Peer, kind: Kind, tick: int, orders: np.ndarray) -> None:
        frames = messages.encode_orders(orders, self.headers, self.time_of(tick))
        self.record(tick, "order", "out", frames)
        self._send(peer.route, kind, tick, frames)

    def set_period(self, period: float) -> None:
        """Tell everybody how many wall seconds a tick takes from now on; 0: the floor stands."""
        self.period = period
        for peer in self.peers.values():
            clock = msgspec.msgpack.encode({"tick_seconds": period})
            self._send(peer.route, Kind.CLOCK, 0, [clock])

    def stop(self) -> None:
        """Tell everybody that the day is over or the controller ends."""
        for peer in self.peers.values():
            self._send(peer.route, Kind.STOP, 0, [msgspec.msgpack.encode({"reason": ""})])

    def _send(self, route: bytes, kind: Kind, tick: int, frames: list[bytes]) -> None:
        self.sequence += 1
        header = Header(kind, self.epoch, self.sequence, tick).pack()
        try:
            self.socket.send_multipart([route, header, *frames], flags=zmq.DONTWAIT)
        except zmq.ZMQError as error:  # gone, or its pipe is full: it says hello again
            log.debug("a batch could not be sent: %s", error)
