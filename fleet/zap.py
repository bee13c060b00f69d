"""Who gets in: answers libzmq's question whether a CURVE key is known to the socket it knocks at.

Fails closed.  The sockets enforce their domain, so that with no answer, or no handler, nobody is
let in; and a key is let in only at the sockets that its role has business with.
"""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils import z85

from fleet import keys
from fleet.keys import Party


class _Domain:
    """What pyzmq asks about one socket's keys."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def callback(self, domain: str, key: bytes) -> bool:
        """Tell whether a key (Z85) may connect there."""
        known = self.gate.parties.get(key.decode("ascii"))
        allowed = known is not None and known[1].role in keys.DOMAINS[domain]
        if not allowed:
            with self.gate.lock:
                self.gate.turned_away["unknown key" if known is None else "wrong role"] += 1
        return allowed


class Gate(ThreadAuthenticator):
    """The handler of one context, in a thread of its own."""

    def __init__(self, context: zmq.Context, folder: Path) -> None:
        super().__init__(context)
        self.parties = keys.admitted(folder)
        self.by_name: dict[str, Party] = dict(self.parties.values())
        self.turned_away: Counter[str] = Counter()
        self.lock = threading.Lock()
        for domain in keys.DOMAINS:
            self.configure_curve_callback(domain, _Domain(self))

    def curve_user_id(self, client_public_key: bytes) -> str:
        """Return the name under which the sockets see a party's messages."""
        return self.parties[z85.encode(client_public_key).decode("ascii")][0]
