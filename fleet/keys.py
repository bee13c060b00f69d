"""CURVE keys: who may speak to a controller, as what, and for which robots.

A folder holds two files a party.  NAME.key is its secret, which only its owner may read; NAME.pub
says its role, its robots and its public key.  A controller admits whoever has a NAME.pub in its
folder; every other machine needs its own NAME.key and controller.pub, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from pathlib import Path
from typing import TypeVar

import msgspec
import zmq

from fleet.wire import AddressError, Curve

SERVER = "controller"
# What each role's party is called; a host is called by its robots.
SINGLE_ROLES = ("couriers", "viewer", "operator", "client")
# The sockets of a controller, and the roles that each admits.
DOMAINS = {
    "hosts": ("host", "couriers"),
    "clients": ("viewer", "operator", "client"),
    "feed": ("viewer", "operator"),
}


File = TypeVar("File", bound=msgspec.Struct)  # what a key file holds


class KeyFileError(AddressError):
    """A key that is missing or cannot be used; the message says which, and what to do."""


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One who may speak; the content of NAME.pub."""

    role: str
    public: str  # Z85
    first: int = 0  # robots first to last - 1, of a host
    last: int = 0


class _Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: str


def make(folder: Path, spans: list[tuple[int, int]]) -> list[str]:
    """Make the keys that a folder lacks; return the names of the new ones.

    Parameters
    ----------
    folder
        Where the files go; made where it is missing.
    spans
        Each host's robots, first to last (not included).
    """
    there = [(p.first, p.last) for _, p in admitted(folder).values() if p.role == "host"]
    for k, span in enumerate(spans):
        for other in (*there, *spans[:k]):
            if span != other and span[0] < other[1] and other[0] < span[1]:
                raise KeyFileError(
                    f"{folder}: --host {span[0]}:{span[1]} overlaps {other[0]}:{other[1]}, and two "
                    "keys could speak for one robot; choose ranges apart, or delete that pair"
                )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    parties = [(SERVER, SERVER, (0, 0))]
    parties += [(f"host-{a}-{b}", "host", (a, b)) for a, b in spans]
    parties += [(role, role, (0, 0)) for role in SINGLE_ROLES]
    fresh = []
    for name, role, span in parties:
        if (folder / f"{name}.pub").exists():
            continue
        public, secret = (key.decode() for key in zmq.curve_keypair())
        party = Party(role, public, *span)
        _write(folder / f"{name}.key", msgspec.json.encode(_Secret(secret)))
        _write(folder / f"{name}.pub", msgspec.json.encode(party))
        fresh.append(name)
    return fresh


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)


def admitted(folder: Path) -> dict[str, tuple[str, Party]]:
    """Return name and party of every public key that a folder admits."""
    parties = {path.stem: _read(path, Party) for path in sorted(folder.glob("*.pub"))}
    return {party.public: (name, party) for name, party in parties.items()}


def server_curve(folder: Path) -> Curve:
    """Return the controller's keys."""
    party = _read(folder / f"{SERVER}.pub", Party)
    secret = _read_secret(folder / f"{SERVER}.key")
    return Curve(party.public.encode(), secret, None)


def curve_of(folder: Path, role: str, span: tuple[int, int] = (0, 0)) -> Curve:
    """Return the keys of a party that may speak in a role, and for these robots.

    Raises
    ------
    KeyFileError
        If the folder has none, or one that others can read.
    """
    server = _read(folder / f"{SERVER}.pub", Party)
    found = _owner(folder, role, span)
    if found is not None:
        path, party = found
        return Curve(party.public.encode(), _read_secret(path), server.public.encode())
    robots = f" {span[0]}:{span[1]}" if role == "host" else ""
    option = f" --host{robots}" if robots else ""
    raise KeyFileError(
        f"{folder}: holds no key of role {role}{robots}; make one with `fleet keys {folder}"
        f"{option}`, or copy it from there"
    )


def _owner(folder: Path, role: str, span: tuple[int, int]) -> tuple[Path, Party] | None:
    """Return whose secret is in a folder and may speak in a role; None: nobody's."""
    for path in sorted(folder.glob("*.pub")):
        party, secret = _read(path, Party), path.with_suffix(".key")
        covers = role != "host" or party.first <= span[0] < span[1] <= party.last
        if party.role == role and covers and secret.exists():
            return secret, party
    return None


def check_keys(folder: Path, spans: list[tuple[int, int]]) -> None:
    """See whether a folder has the keys of a controller, its couriers and these hosts.

    Raises
    ------
    KeyFileError
        If it has not, naming all hosts that lack one; or if others can read one.
    """
    server_curve(folder)
    missing = [f"{a}:{b}" for a, b in spans if _owner(folder, "host", (a, b)) is None]
    if missing:
        options = " ".join(f"--host {span}" for span in missing)
        raise KeyFileError(
            f"{folder}: holds no key of a host of robots {', '.join(missing)}; make it with `fleet "
            f"keys {folder} {options}`, or choose --hosts as there are keys"
        )
    for role, span in (("couriers", (0, 0)), *(("host", span) for span in spans)):
        curve_of(folder, role, span)


def watching_curve(folder: Path) -> Curve:
    """Return the keys of whoever watches: the operator's where the folder has them, or a viewer's.

    Raises
    ------
    KeyFileError
        If the folder has neither.
    """
    own = (folder / "operator.key").exists()
    return curve_of(folder, "operator" if own else "viewer")


def _read(path: Path, kind: type[File]) -> File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise KeyFileError(
            f"{path}: cannot be read ({error.strerror}); `fleet keys {path.parent}` makes keys"
        ) from error
    except msgspec.DecodeError as error:
        raise KeyFileError(f"{path}: not a key file ({error}); delete it and its pair") from error


def _read_secret(path: Path) -> bytes:
    if path.exists() and os.name == "posix" and path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path}: others can read this secret; make it yours: chmod 600 {path}")
    return _read(path, _Secret).secret.encode()


def add_keys_argument(parser: argparse.ArgumentParser) -> None:
    """Name the option that every command with a socket has."""
    parser.add_argument("--keys", metavar="FOLDER", type=Path,
                        help="encrypt, and let in only whom `fleet keys FOLDER` knows")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet keys`."""
    parser.add_argument("folder", type=Path, help="where the keys are, or are to be")
    parser.add_argument("--host", metavar="A:B", action="append", default=[],
                        help="a host that runs robots A to B - 1; once for each host")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet keys`; what is there already stays as it is."""
    spans = []
    for text in args.host:
        match = re.fullmatch(r"(\d+):(\d+)", text)
        if not match or int(match[1]) >= int(match[2]):
            raise ValueError(f"--host {text}: not a range of robots; write A:B with A < B")
        spans.append((int(match[1]), int(match[2])))
    if args.folder.is_file():
        raise ValueError(f"{args.folder}: a file; name a folder")
    fresh = make(args.folder, spans)
    names = sorted(path.stem for path in args.folder.glob("*.pub"))
    if args.json:
        print(json.dumps({"made": fresh, "admitted": names}))
    else:
        print(f"{args.folder}: made {', '.join(fresh) or 'nothing new'}")
        print(f"admitted are {', '.join(name for name in names if name != SERVER)}")
    return 0
