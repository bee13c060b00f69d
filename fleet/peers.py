"""The controller's side of the line to hosts and couriers: who is there, and who has answered."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import zmq

from fleet import courier, messages, wire
from fleet.admission import check_news, may_speak
from fleet.courier import Departure
from fleet.events import COURIER
from fleet.factsheet import decode_factsheets
from fleet.intake import Intake
from fleet.keys import Party
from fleet.links import SUSPECT_SECONDS, Links
from fleet.peer import COURIERS, Peer
from fleet.refusals import Refusals
from fleet.robot import robot_frames, robot_rows
from fleet.state_batches import StateBatch, take_states
from fleet.store import Store
from fleet.welcome import catch_up, couriers_welcome, host_welcome
from fleet.wire import Header, Kind
from fleet.world import World

log = logging.getLogger("fleet")

MAX_BATCHES = 4096  # taken in at once, so that a flood does not keep the floor waiting
MAX_GAP = 100_000  # sequence numbers; a longer leap is no loss but noise


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
        refusals: Refusals,
        parties: Mapping[str, Party] | None = None,
    ) -> None:
        self.socket = socket
        self.n_robots = n_robots
        self.lockstep = lockstep
        self.epoch = epoch
        self.depot = depot
        self.time_of = time_of  # a tick's timestamp
        self.departure_of = departure_of  # what a courier is told about a tour
        self.record = record  # tick, topic, direction, messages
        self.refusals = refusals
        self.parties = parties  # whose keys are known; None: nobody has keys
        self.period = 0.0
        self.peers: dict[tuple[int, int], Peer] = {}
        self.links = Links(self.peers, n_robots, time_of, record)
        self.routes: dict[bytes, Peer] = {}
        self.headers = np.zeros(n_robots, np.int64)
        self.intake = Intake()
        self._states: list[StateBatch] = []  # that came, not yet decoded
        self.busy_seconds = 0.0  # spent on taking in, since `drain` was called last
        self._complete = False
        self._silent: list[tuple[int, int]] = []  # peers that may not have answered the last tick

    # -- who is there

    def complete(self) -> bool:
        """Tell whether every robot has a host and the couriers are there."""
        if not self._complete:  # once there, a peer is never forgotten
            self._complete = COURIERS in self.peers and self.missing() == []
        return self._complete

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
        # From the end, so that it takes no longer with a connection a robot.
        while self._silent and self.peers[self._silent[-1]].answered >= tick:
            self._silent.pop()
        return self.complete() and not self._silent

    def courier_tick(self) -> int:
        """Return the tick of the couriers' next report, -1 where none is out."""
        peer = self.peers.get(COURIERS)
        return -1 if peer is None else peer.next_tick

    # -- receiving

    def receive(self, world: World, store: Store, wait_seconds: float) -> bool:
        """Take in what has come, waiting for the first batch at most so long; False if none."""
        if not self.socket.poll(max(0, math.ceil(wait_seconds * 1000))):
            return False
        began = time.perf_counter()
        for _ in range(MAX_BATCHES):
            batch = wire.receive(self.socket, keys=self.parties is not None)
            if batch is None:
                break
            route, user, frames = batch
            try:
                self._take(world, store, route, user, wire.unpack(frames[0]), frames[1:])
            except wire.UNREADABLE as error:
                self.refusals.add("malformed", self._who(route, user), error)
        self._take_states(world)
        self.busy_seconds += time.perf_counter() - began
        return True

    def _who(self, route: bytes, user: str) -> str:
        """Return a name for a sender; strangers share one, so that the log stays short."""
        peer = self.routes.get(route)
        return user or (peer.name if peer else "a stranger")

    def _take(
        self, world: World, store: Store, route: bytes, user: str, header: Header,
        frames: list[bytes],
    ) -> None:  # fmt: skip
        peer = self.routes.get(route)
        longest = max(map(len, frames), default=0)
        if longest > wire.MESSAGE_BYTES:
            self.refusals.add("oversized", self._who(route, user), f"{longest} bytes")
            return
        if peer is not None:
            if header.sequence <= peer.received:
                self.refusals.add("replayed", self._who(route, user), header.sequence)
                return
            missed = header.sequence - peer.received - 1
            if missed > MAX_GAP:
                raise ValueError(f"sequence number {header.sequence} after {peer.received}")
            if missed:
                self.refusals.add("gap", self._who(route, user), header.sequence, missed)
                if peer.span != COURIERS:
                    self.links.gaps.add(peer.span)
            peer.received = header.sequence
            peer.heard = time.monotonic()
        if header.kind == Kind.HELLO:
            self._take_states(world)
            hello = msgspec.msgpack.decode(frames[0], type=dict)
            self._hello(world, store, route, user, header, hello)
        elif peer is None:
            self.refusals.add("stranger", self._who(route, user), Kind(header.kind).name)
        elif header.epoch != self.epoch:
            self.refusals.add("outdated", self._who(route, user), header.epoch)
        elif len(frames) > peer.most:
            self.refusals.add("oversized", self._who(route, user), f"{len(frames)} messages")
        else:
            if header.kind == Kind.STATES and peer.span != COURIERS:
                self._states.append(StateBatch(peer, user, header.tick, frames))
                return
            self._take_states(world)  # in the order in which they came
            self._take_batch(world, store, peer, user, header, frames)

    def _take_states(self, world: World) -> None:
        if self._states:
            batches, self._states = self._states, []
            take_states(batches, world, self.intake, self.refusals, self.record)

    def _take_batch(
        self, world: World, store: Store, peer: Peer, user: str, header: Header,
        frames: list[bytes],
    ) -> None:  # fmt: skip
        if header.kind == Kind.NEWS and peer.span == COURIERS:
            parts = [msgspec.msgpack.decode(frame, type=dict) for frame in frames]
            news = [np.frombuffer(part["news"], COURIER) for part in parts]
            for some in news:
                check_news(world, some)
            self.intake.add_news(news)
            if parts:
                peer.next_tick = int(parts[-1]["next"])
            peer.answered = max(peer.answered, min(header.tick, world.tick))
        elif header.kind == Kind.FACTSHEET and peer.span != COURIERS:
            self.record(header.tick, "factsheet", "in", frames)
            rows = decode_factsheets(frames)
            forged = (rows["robot"] < peer.span[0]) | (rows["robot"] >= peer.span[1])
            if forged.any():
                robot = rows["robot"][forged][0]
                self.refusals.add("forged", peer.name, f"robot {robot}", int(forged.sum()))
            self.intake.add_sheets(rows[~forged])
        elif header.kind == Kind.ROBOTS and peer.span != COURIERS and self.lockstep:
            tick = min(header.tick, world.tick)
            store.put_robots(*peer.span, tick, robot_rows(frames, peer.span))
        elif header.kind == Kind.CAUGHT_UP and header.tick == peer.told >= 0:
            self._catch_up(store, peer, header.tick)
        elif header.kind == Kind.CONNECTION:
            self.record(header.tick, "connection", "in", frames)
        else:
            raise ValueError(f"no batch of {user or peer.name}: kind {header.kind}")

    def _hello(
        self, world: World, store: Store, route: bytes, user: str, header: Header, hello: dict
    ) -> None:
        role = "couriers" if hello["role"] == "couriers" else "host"
        span = COURIERS if role == "couriers" else (int(hello["first"]), int(hello["last"]))
        if self.parties is not None and not may_speak(self.parties.get(user), role, span):
            self.refusals.add("forged", user, f"says it is {role} {span[0]}:{span[1]}")
            return
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
        if known is not None:
            if known.route == route and not known.behind:
                return  # it said hello twice before our answer reached it
            if known.route != route and self._answers(known):
                self.refusals.add("forged", self._who(route, user), f"{known.name} is there")
                return
            self.routes.pop(known.route, None)
        peer = self.peers[span] = self.routes[route] = Peer(route, span, time.monotonic())
        peer.received = header.sequence
        self._silent.append(span)
        if known is not None:
            peer.state = known.state
        elif span != COURIERS and not world.robots["online"][slice(*span)].all():
            peer.state = "suspect"  # an earlier controller could not reach some
        # In lockstep the last tick that everybody was sent is sent to the newcomer as well.
        if span == COURIERS:
            self._welcome_couriers(world, store.last_tick(), peer)
        else:
            self._welcome_host(world, store, peer)

    def _answers(self, peer: Peer) -> bool:
        """Tell whether a peer was heard of late and its connection stands."""
        if time.monotonic() - peer.heard >= SUSPECT_SECONDS:
            return False
        clock = msgspec.msgpack.encode({"tick_seconds": self.period})
        return self._send(peer, Kind.CLOCK, 0, [clock])

    def _refuse(self, route: bytes, reason: str) -> None:
        log.warning("a host was refused: %s", reason)
        stranger = Peer(route, (0, 0), 0.0)
        self._send(stranger, Kind.STOP, 0, [msgspec.msgpack.encode({"reason": reason})])

    def _welcome_host(self, world: World, store: Store, peer: Peer) -> None:
        welcome, robots, kept = host_welcome(world, store, peer.span, lockstep=self.lockstep)
        welcome["tick_seconds"] = self.period
        if welcome["lost"]:
            self.intake.forget(*peer.span)
        frames = [msgspec.msgpack.encode(welcome), *robot_frames(robots)]
        if self._send(peer, Kind.WELCOME, store.last_tick(), frames) and self.lockstep:
            self._catch_up(store, peer, kept)

    def _catch_up(self, store: Store, peer: Peer, after: int) -> None:
        """Send orders of earlier ticks, a batch each time it asks, and then the last tick.

        Ticks wait for it meanwhile, as it has not answered.
        """
        first, last = peer.span
        last_tick = store.last_tick()
        frames, peer.told = catch_up(store, after)
        if frames and not self._send(peer, Kind.CATCH_UP, last_tick, frames):
            return
        if peer.told >= 0:
            return
        kept = store.orders(last_tick)
        if kept is None:
            peer.answered = last_tick  # a quiet tick, which no host was asked to live
        else:
            orders = np.frombuffer(kept, messages.ORDER)
            mine = orders[(orders["robot"] >= first) & (orders["robot"] < last)]
            self._send(peer, Kind.TICK, last_tick, self._encode(last_tick, mine))

    def _welcome_couriers(self, world: World, last_tick: int, peer: Peer) -> None:
        welcome = couriers_welcome(world, self.departure_of) | {
            "lockstep": self.lockstep,
            "tick_seconds": self.period,
            "depot": list(self.depot),
        }
        self._send(peer, Kind.WELCOME, last_tick, [msgspec.msgpack.encode(welcome)])
        if self.lockstep and last_tick >= 0:
            self._send(peer, Kind.TICK, last_tick, [])

    def drain(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the newest report of each robot (by robot) and the couriers' news (by tick)."""
        self.busy_seconds = 0.0
        return self.intake.reports(), self.intake.news()

    # -- sending

    def send_tick(
        self, tick: int, orders: np.ndarray, departures: list[Departure], *, quiet: bool
    ) -> None:
        """Send what a committed tick decided; in lockstep everybody is to live it.

        On a quiet floor no robot has anything to do, so that hosts need not even be asked.
        """
        kind = Kind.TICK if self.lockstep else Kind.ORDERS
        orders = orders[np.argsort(orders["robot"], kind="stable")]
        frames = self._encode(tick, orders)
        cuts = np.searchsorted(orders["robot"], np.array(list(self.peers))).tolist()
        for (span, peer), (first, last) in zip(self.peers.items(), cuts, strict=True):
            if span == COURIERS:
                trips = [msgspec.msgpack.encode(courier.pack(d, 0)) for d in departures]
                if self.lockstep or trips:
                    self._send(peer, kind, tick, trips)
            elif quiet and self.lockstep:
                peer.answered = tick
            elif self.lockstep or last > first:
                self._send(peer, kind, tick, frames[first:last])
        self._silent = list(self.peers)

    def _encode(self, tick: int, orders: np.ndarray) -> list[bytes]:
        frames = messages.encode_orders(orders, self.headers, self.time_of(tick))
        for topic, some in messages.by_topic(orders, frames):
            self.record(tick, topic, "out", some)
        return frames

    def set_period(self, period: float) -> None:
        """Tell everybody how many wall seconds a tick takes from now on; 0: the floor stands."""
        self.period = period
        for peer in self.peers.values():
            clock = msgspec.msgpack.encode({"tick_seconds": period})
            self._send(peer, Kind.CLOCK, 0, [clock])

    def stop(self) -> None:
        """Tell everybody that the day is over or the controller ends."""
        for peer in self.peers.values():
            self._send(peer, Kind.STOP, 0, [msgspec.msgpack.encode({"reason": ""})])

    def _send(self, peer: Peer, kind: Kind, tick: int, frames: list[bytes]) -> bool:
        # Thousands a tick where each robot has a connection of its own.
        header = wire.HEADER.pack(kind, self.epoch, peer.sent + 1, tick)
        try:
            wire.send(self.socket, [peer.route, header, *frames])
        except zmq.Again:  # its queue is full: what is missing comes after its next hello
            peer.behind = True
            self.refusals.add("full", peer.name, kind.name)
            return False
        except zmq.ZMQError as error:  # gone: it says hello again
            log.debug("a batch could not be sent: %s", error)
            return False
        peer.sent += 1
        return True
