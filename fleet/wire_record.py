"""A file of every VDA 5050 message that came or went (`--record-wire`)."""

from __future__ import annotations

from typing import IO


def write_messages(
    file: IO[str], tick: int, topic: str, direction: str, messages: list[bytes]
) -> None:
    """Write messages (JSON) of one topic, one object a line; `direction`: in or out."""
    for message in messages:
        file.write(
            f'{{"tick":{tick},"topic":"{topic}","direction":"{direction}",'
            f'"message":{message.decode()}}}\n'
        )


def nowhere(tick: int, topic: str, direction: str, messages: list[bytes]) -> None:
    """Write nothing: what is called where nobody asked for the file."""
