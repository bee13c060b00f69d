"""One host, or the couriers, as the controller sees it."""

from __future__ import annotations

from dataclasses import dataclass

COURIERS = (-1, -1)


@dataclass
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
    behind: bool = False  # a batch did not fit into its queue: it is to say hello again

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.span == COURIERS:
            return "couriers"
        return f"host of robots {self.span[0]}:{self.span[1]}"
