"""Clients: what they ask a controller, how long they wait, and what they refuse to send."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
import zmq

from fleet import client, wire
from fleet.__main__ import main


def test_a_request_with_ids_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the controller dies before it answers, the next one is asked the same."""
    monkeypatch.setattr(client, "TRY_SECONDS", 0.05)
    context = zmq.Context()
    socket, address = wire.bind_router(context, "tcp://127.0.0.1:*", "clients")
    asked: list[bytes] = []

    def serve() -> None:
        while len(asked) < 2 and socket.poll(5000):
            route, message = socket.recv_multipart()
            asked.append(message)
        socket.send_multipart([route, msgspec.msgpack.encode({"known": 1})])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        answer = client.ask(address, {"ask": "cancel", "names": ["a"]}, 30, again=True)
    finally:
        thread.join()
        context.destroy(linger=0)
    assert answer == {"known": 1}
    assert asked[0] == asked[1]


class SlowSocket:
    """Takes a message only after 0.9 s of its own clock, and answers nothing."""

    now = 0.0

    def poll(self, milliseconds: int, what: int = zmq.POLLIN) -> int:
        waited = min(milliseconds, 900) if what == zmq.POLLOUT else milliseconds
        self.now += waited / 1000
        return int(what == zmq.POLLOUT and milliseconds >= 900)

    def send(self, message: bytes) -> None:
        """Take it."""


@pytest.mark.parametrize(("again", "tries"), [(False, 0.4), (True, 0.4), (True, 5.0)])
def test_a_request_waits_no_longer_than_said(
    again: bool, tries: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the connection took is not waited for again."""
    slow = SlowSocket()
    monkeypatch.setattr(client, "TRY_SECONDS", tries)
    monkeypatch.setattr(wire, "connect_dealer", lambda *_: slow)
    monkeypatch.setattr("fleet.client.time.monotonic", lambda: slow.now)
    with pytest.raises(client.UnreachableError):
        client.ask("tcp://127.0.0.1:1", {"ask": "snapshot"}, 1.0, again=again)
    assert slow.now == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("what", ["submit", "cancel"])
def test_refused_parcels_are_named(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Id and reason of the first few, and how many there are beside them."""
    reasons = [[f"P{k}", "it is too large"] for k in range(10)]
    answer = {"accepted": 1, "known": 0, "refused": 12, "reasons": reasons}
    monkeypatch.setattr(client, "ask", lambda *_, **__: answer)
    (tmp_path / "p.csv").write_text("id,x,y\na,0,0\n")
    word = str(tmp_path / "p.csv") if what == "submit" else "P1"
    assert main([what, word, "--connect", "tcp://127.0.0.1:1"]) == 1
    out, error = capsys.readouterr()
    assert out == "1 accepted, 0 known, 12 refused\n"
    assert error.splitlines()[0] == "P0: refused: it is too large"
    assert error.splitlines()[10:] == ["and 2 more"]


def test_a_file_in_degrees_is_not_submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its parcels would lie around their own mean, not around the day's depot."""
    monkeypatch.setattr(client, "ask", lambda *_, **__: pytest.fail("it was sent"))
    path = tmp_path / "p.csv"
    path.write_text("id,lat,lon\na,50.9,4.7\n")
    assert main(["submit", str(path), "--connect", "tcp://127.0.0.1:1"]) == 2
    error = capsys.readouterr().err
    assert f"{path}: has lat and lon" in error
    assert "give x and y" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e300", "soon"])
@pytest.mark.parametrize(
    "words",
    [
        ["submit", "p.csv", "--connect", "tcp://127.0.0.1:1"],
        ["cancel", "P1", "--connect", "tcp://127.0.0.1:1"],
        ["operate", "tcp://127.0.0.1:1", "pause"],
    ],
)
def test_a_wait_that_cannot_be_is_refused(
    words: list[str], seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the option, its value and what it takes."""
    with pytest.raises(SystemExit) as ended:
        main([*words, f"--seconds={seconds}"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert f"--seconds: '{seconds}'; give a number of at least 0" in error
    assert len(error.splitlines()) == 1


def test_a_client_is_told_where_nobody_answers() -> None:
    """One line names the address and what to start; a foreign address needs keys."""
    with pytest.raises(client.UnreachableError, match="fleet controller"):
        client.ask("tcp://127.0.0.1:1", {"ask": "snapshot"}, seconds=0.01)
    with pytest.raises(wire.AddressError, match="--keys"):
        client.ask("tcp://192.0.2.1:1", {"ask": "snapshot"}, seconds=0.01)
