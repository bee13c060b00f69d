"""What cannot be avoided: the same bytes through the codec alone, and with one commit alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import zmq

from fleet import message_states, messages, wire
from fleet.bench.lanes import start_part

TRIPS = 5  # times that the kept batches go through
WARM_UP = 5  # ticks and rounds that are not counted: caches, first allocations


def percentiles(milliseconds: np.ndarray) -> dict[str, float]:
    """Return median and 99th percentile, by name."""
    return {f"p{q}": round(float(np.percentile(milliseconds, q)), 3) for q in (50, 99)}


def codec_and_echo(
    folder: Path, batches: list[tuple[list[bytes], list[bytes]]]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return each round's milliseconds, wall and CPU, of the codec loop, and of the echo."""
    (folder / "batches").write_bytes(msgspec.msgpack.encode([into for into, _ in batches]))
    orders = [messages.decode_orders(out) for _, out in batches]
    time_text = "2017-11-11T00:00:00.000Z"
    headers = np.zeros(max(int(o["robot"].max()) for o in orders) + 1, np.int64)

    def codec(k: int, frames: list[bytes]) -> list[bytes]:
        message_states.decode_states(frames)
        return messages.encode_orders(orders[k], headers, time_text)

    return _loop(folder, len(batches), codec), echo(folder, batches)


def echo(
    folder: Path, batches: list[tuple[list[bytes], list[bytes]]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each round's milliseconds, wall and CPU, of batches with one commit and no codec."""
    (folder / "batches").write_bytes(msgspec.msgpack.encode([into for into, _ in batches]))
    db = sqlite3.connect(folder / "echo.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE batch (body BLOB)")

    def keep(k: int, frames: list[bytes]) -> list[bytes]:
        db.execute("INSERT INTO batch VALUES (?)", (b"".join(frames),))
        return batches[k][1]

    try:
        return _loop(folder, len(batches), keep)
    finally:
        db.close()


def _loop(
    folder: Path, count: int, answer: Callable[[int, list[bytes]], list[bytes]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return milliseconds of each round trip's work on this side, wall and CPU."""
    context = zmq.Context()
    socket, address = wire.bind_router(context, "tcp://127.0.0.1:*", "hosts")
    command = ["fleet.bench.host", "--echo", str(folder / "batches"), str(TRIPS)]
    part = start_part([*command, "--connect", address])
    took, cpu = [], []
    try:
        for k in range(count * TRIPS):
            if not socket.poll(60_000):
                raise TimeoutError("the bare loop's other side does not answer")
            began, cpu_began = time.perf_counter(), time.thread_time()
            batch = wire.receive(socket, keys=False)
            assert batch is not None
            wire.send(socket, [batch[0], *answer(k % count, batch[2])])
            cpu.append((time.thread_time() - cpu_began) * 1000)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        part.wait(60)
        context.destroy(linger=0)
    return np.array(took[WARM_UP:]), np.array(cpu[WARM_UP:])
