"""The sockets at which others reach a controller, and who is let in."""

from __future__ import annotations

from pathlib import Path

from fleet import wire
from fleet.keys import server_curve
from fleet.zap import Gate


class Entrance:
    """All sockets of one controller, bound; each stands beside the address it got.

    Parameters
    ----------
    bind
        Addresses for hosts, clients and viewers; port * is any free one.
    keys
        A folder that `fleet keys` made; None: loopback only, and nobody has keys.
    """

    def __init__(self, bind: tuple[str, str, str], keys: Path | None) -> None:
        self.context = wire.new_context()
        self.gate = None if keys is None else Gate(self.context, keys)
        curve = None if keys is None else server_curve(keys)
        if self.gate is not None:
            self.gate.start()
        # Whose keys are known; None: nobody has keys.
        self.parties = None if self.gate is None else self.gate.by_name
        self.hosts, self.hosts_address = wire.bind_router(self.context, bind[0], "hosts", curve)
        self.clients, self.clients_address = wire.bind_router(
            self.context, bind[1], "clients", curve
        )
        self.feed, self.feed_address = wire.bind_feed(self.context, bind[2], curve)

    def turned_away(self) -> dict[str, int]:
        """Return how many keys were not let in, by the reason."""
        return {} if self.gate is None else dict(self.gate.turned_away)

    def close(self) -> None:
        """Hang up once what was sent has left."""
        if self.gate is not None:
            self.gate.stop()
        self.context.destroy(linger=500)
