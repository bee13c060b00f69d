"""Operators' requests from a viewer: asked, answered, refused, and never late."""

from __future__ import annotations

import threading
import time

import msgspec
import numpy as np
import pygame
import zmq

from fleet.events import Alarm, Operation
from fleet.requests import Request
from tests.viz.live.stand_in import PATIENCE_SECONDS, Controller
from viz.live.listener import Listener
from viz.live.source import LATEST_SECONDS, Live
from viz.session import Session
from viz.view import View
from viz.words import alarm_text


def test_a_refusal_is_shown(controller: Controller, live: Live) -> None:
    """What the controller answers with an error is said over the picture."""
    live.operate(Request("no", Operation.PAUSE))
    controller.until(lambda: "refused: no" in live.notice())


def test_the_speed_of_the_run_is_asked_for_as_an_operator(
    controller: Controller, live: Live
) -> None:
    """It goes to the door as a request; Space does not."""
    session = Session(live, View())
    session.pause(True)
    session.pause(False)
    session.change_speed(1)
    session.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_y, unicode="y"))
    controller.until(lambda: any(r["ask"] == "operate" for r in controller.asked))
    asked = [r for r in controller.asked if r["ask"] != "snapshot"]
    assert [(r["ask"], r["what"], r["cell"]) for r in asked] == [("operate", "speed", 8000)]


def test_an_operator_is_answered(controller: Controller, live: Live) -> None:
    """A request goes to the door, what was done stands among the events, and a refusal is told."""
    live.operate(Request("x", Operation.CLOSE, cell=12))
    controller.until(lambda: [r for r in controller.asked if r["ask"] == "operate"])
    asked = next(r for r in controller.asked if r["ask"] == "operate")
    assert (asked["id"], asked["what"], asked["cell"]) == ("x", "close", 12)
    controller.until(lambda: live.notice() == "done, tick 7")
    controller.tick()
    controller.body |= {
        "requests": [[int(Operation.CLOSE), -1, 12]], "paused": True,
        "alarms": [[int(Alarm.CYCLE), 2, 1, 0]],
        "closed": np.array([12], np.int32).tobytes(),
    }  # fmt: skip
    controller.publish()
    controller.until(lambda: len(live.alarms()))
    said = [alarm_text(live.scene, alarm) for alarm in live.alarms()[-2:]]
    assert said == ["close cell 12", "robots 2 and 1 wait in a ring"]
    frame = live.frame(live.span()[1])
    assert frame.closed.tolist() == [12]
    assert frame.floor_paused


def test_a_request_says_until_when_it_may_be_done(controller: Controller, live: Live) -> None:
    """A few seconds at the run's speed; in lockstep, where ticks have no length, without end."""
    controller.tick()
    controller.body |= {"speed": 10.0}
    controller.publish()
    controller.until(lambda: live.speed() == 10.0)
    tick, ticks = live.span()[1], LATEST_SECONDS * 10.0 / live.scene.tick_seconds
    live.operate(Request("x", Operation.PAUSE))
    live.lockstep = True
    live.operate(Request("y", Operation.PAUSE))
    controller.until(lambda: sum(r["ask"] == "operate" for r in controller.asked) == 2)
    asked = [r["until"] for r in controller.asked if r["ask"] == "operate"]
    assert asked == [tick + ticks, -1]


def test_any_answer_tells_that_the_controller_is_there(controller: Controller, live: Live) -> None:
    """A refusal, too; without it the window would not send what an operator asks for next."""
    live.operate(Request("no", Operation.PAUSE))
    asked = {"ask": ""}
    while asked["ask"] != "operate":
        assert controller.door.poll(PATIENCE_SECONDS * 1000)
        route, message = controller.door.recv_multipart()
        asked = msgspec.msgpack.decode(message)
    before = live._listener._heard
    controller.door.send_multipart([route, msgspec.msgpack.encode({"error": "no"})])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while live._listener._heard <= before:
        threading.Event().wait(0.02)
        assert time.monotonic() < deadline


def test_nothing_is_sent_over_a_link_that_is_silent() -> None:
    """A door that takes everything and answers nothing: it is told, and nothing lies there."""
    context = zmq.Context()
    door = context.socket(zmq.ROUTER)
    door.bind("tcp://127.0.0.1:*")
    address = door.getsockopt_string(zmq.LAST_ENDPOINT)
    listener = Listener(
        address, None, silence=0.0, on_snapshot=lambda *_: None, on_tick=lambda _: False
    )
    assert door.poll(PATIENCE_SECONDS * 1000)  # it is connected, and asks
    listener.requests.append(Request("half", Operation.PAUSE))
    taken = []
    end = time.monotonic() + PATIENCE_SECONDS
    while not listener.said[1] and time.monotonic() < end:
        if door.poll(10):
            taken.append(msgspec.msgpack.decode(door.recv_multipart()[-1])["ask"])
    listener.close()
    context.destroy(linger=0)
    assert listener.said[1].startswith("not sent")
    assert "operate" not in taken
