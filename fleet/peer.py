"""One host, or the couriers, as the controller sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

COURIERS = (-1, -1)
COURIER_MESSAGES = 256  # in a batch of the couriers


@dataclass(slots=True)
class Peer:
    """One host, or the couriers."""

    route: bytes
    span: tuple[int, int]  # its robots, first to last - 1; `COURIERS` for the couriers
    heard: float
    answered: int = -1  # newest lockstep tick it has reported
    next_tick: int = -1  # couriers: of their next report
    state: str = "online"  # or suspect, or lost
    received: int = 0  # newest sequence number it has sent
    sent: int = 0  # newest sequence number sent to it
    told: int = -1  # newest tick of a past that it is told in parts, until it has been told all
    behind: bool = False  # a batch did not fit into its queue: it is to say hello again
    most: int = field(init=False)  # messages in a batch of its

    def __post_init__(self) -> None:
        first, last = self.span
        self.most = COURIER_MESSAGES if self.span == COURIERS else last - first

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.span == COURIERS:
            return "couriers"
        return f"host of robots {self.span[0]}:{self.span[1]}"
