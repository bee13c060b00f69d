"""`fleet operate` against a real controller, which is killed meanwhile."""

from __future__ import annotations

import json
import subprocess
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator

from fleet import operate_command
from fleet.__main__ import main
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.store import Store
from tests.fleet.test_run import SCHEMAS, SMALL, finished, fleet

pytestmark = pytest.mark.slow


def operate(run: Path, *words: str) -> dict:
    """Return what `fleet operate` prints."""
    with redirect_stdout(StringIO()) as out:
        assert main(["operate", str(run), *words, "--json"]) in (0, 1)
    return json.loads(out.getvalue())


def test_requests_outlive_a_killed_controller(tmp_path: Path) -> None:
    """A floor stays paused over kill -9 and --resume, and nothing is done twice."""
    run, wire = tmp_path / "day", tmp_path / "wire.jsonl"
    parts: list[subprocess.Popen] = []

    def start(*words: str) -> subprocess.Popen:
        parts.append(fleet(*words))
        return parts[-1]

    try:
        controller = start("controller", SMALL, "--speed", "max", "--out", str(run),
                           "--record-wire", str(wire))  # fmt: skip
        assert controller.stdout is not None
        addresses = json.loads(controller.stdout.readline())
        start("host", SMALL, "--connect", addresses["hosts"])
        start("couriers", SMALL, "--connect", addresses["hosts"])
        paused = operate(run, "pause", "--id", "p")
        assert operate(run, "close", "10,10")["requests"][0]["cell"] == 310
        controller.kill()
        controller.wait()
        resumed = ["controller", "--resume", str(run), "--speed", "max"]
        resumed += ["--record-wire", str(wire)]
        for option, part in (("", "hosts"), ("-clients", "clients"), ("-feed", "feed")):
            resumed += [f"--bind{option}", addresses[part]]
        controller = start(*resumed)
        assert operate(run, "pause", "--id", "p") == paused
        assert operate(run, "out", "3")["ok"]
        refused = operate(run, "clear", "4", "--off")
        assert not refused["ok"]
        assert "take it out first" in refused["requests"][0]["error"]
        assert operate(run, "in", "3")["ok"]
        assert operate(run, "resume")["ok"]
        controller.terminate()
        assert finished(controller)[0] == 130
    finally:
        for part in parts:
            part.kill()
            part.communicate()
    assert judge(read_recording(run)).plain() == []
    told = instant_actions(wire)
    # Each robot was told once, under one number, whatever else it was asked in between.
    assert sorted(robots_of(told["stopPause"])) == list(range(12))
    started = robots_of(told["startPause"])
    assert len(started) == len(set(started))
    store = Store(run / "store.sqlite")
    kinds = store.db.execute("SELECT id, refused = '' FROM request ORDER BY seq").fetchall()
    store.close()
    assert [done for _, done in kinds] == [1, 1, 1, 0, 1, 1]


def instant_actions(wire: Path) -> dict[str, set[str]]:
    """Return the ids of the instant actions sent, by type; all messages fit the schemas.

    A killed controller's record may lack its last lines.  A robot that is paused may have been
    asked something since, but was not told to go on.
    """
    schemas = {
        topic: Draft202012Validator(json.loads((SCHEMAS / f"{topic}.schema").read_text()))
        for topic in ("instantActions", "state")
    }
    sent: dict[str, set[str]] = {}
    reflected: set[str] = set()
    for line in wire.read_text().splitlines():
        record = json.loads(line)
        message = record["message"]
        if record["topic"] == "instantActions":
            schemas["instantActions"].validate(message)
            for action in message["actions"]:
                sent.setdefault(action["actionType"], set()).add(action["actionId"])
        elif record["topic"] == "state" and "paused" in message:
            schemas["state"].validate(message)
            newest = message["actionStates"][0]["actionType"]
            assert newest in {"startPause", "stateRequest", "factsheetRequest"}
            reflected.add(newest)
    assert "startPause" in reflected
    return sent


def robots_of(ids: set[str]) -> list[int]:
    """Return the robots of these ids of instant actions."""
    return [int(one.split("-i")[0]) for one in ids]


def test_each_of_many_requests_is_waited_for_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow clock answers one a tick: that they take long together is no reason to give up."""
    now, waits = [0.0], []

    def ask(address: str, plain: dict, seconds: float, *_: object, **__: object) -> dict:
        waits.append(seconds)
        now[0] += 4.0
        return {"ok": True, "tick": 1}

    monkeypatch.setattr(operate_command, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(operate_command, "ask", ask)
    assert main(["operate", "tcp://127.0.0.1:9", "out", *"012345", "--seconds", "8"]) == 0
    assert waits == [operate_command.TRY_SECONDS] * 6


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "pause"], "no controller runs there"),
        (["tcp://127.0.0.1:9", "pause", "--seconds", "0.1"], "no controller answers"),
        (["tcp://127.0.0.1:9", "close", "1,2,3"], "cell 1,2,3"),
        (["tcp://127.0.0.1:9", "close", "x"], "cell x"),
        (["tcp://127.0.0.1:9", "speed", "-1"], "choose 0 (the clock stands), or 0.001 to 10,000"),
        (["tcp://127.0.0.1:9", "speed", "0.0004"], "speed 0.0004: no such speed"),
        (["tcp://192.0.2.1:9", "pause"], "--keys"),
    ],
)
def test_bad_input_is_one_line(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and the line names what is wrong."""
    assert main(["operate", *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1
