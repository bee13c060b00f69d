"""Keys: made once, readable by their owner alone, and bound to a role and its robots."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.admission import may_speak
from fleet.keys import KeyFileError, Party, admitted, curve_of, make, server_curve


def test_a_folder_gets_a_pair_for_each_party(tmp_path: Path) -> None:
    """Controller, one host, couriers, viewer, operator and client; a second time nothing new."""
    made = make(tmp_path, [(0, 5)])
    assert made == ["controller", "host-0-5", "couriers", "viewer", "operator", "client"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    secret = (tmp_path / "viewer.key").read_bytes()
    assert make(tmp_path, [(0, 5), (5, 9)]) == ["host-5-9"]
    assert (tmp_path / "viewer.key").read_bytes() == secret


def test_a_key_is_found_by_role_and_robots(tmp_path: Path) -> None:
    """Robots 2:4 are covered by the key of 0:5; 4:6 by none."""
    make(tmp_path, [(0, 5)])
    curve = curve_of(tmp_path, "host", (2, 4))
    assert curve.server == server_curve(tmp_path).public
    name, party = admitted(tmp_path)[curve.public.decode()]
    assert (name, party.role, party.first, party.last) == ("host-0-5", "host", 0, 5)
    with pytest.raises(KeyFileError, match=r"no key of role host 4:6; make one with .* --host 4:6"):
        curve_of(tmp_path, "host", (4, 6))


@pytest.mark.skipif(os.name != "posix", reason="no such permissions")
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """As with ssh, the file must be its owner's alone."""
    make(tmp_path, [])
    (tmp_path / "viewer.key").chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        curve_of(tmp_path, "viewer")


def test_broken_and_missing_key_files_are_named(tmp_path: Path) -> None:
    """One line says which file, and what to do."""
    with pytest.raises(KeyFileError, match="`fleet keys"):
        server_curve(tmp_path)
    make(tmp_path, [])
    (tmp_path / "controller.pub").write_text("no key")
    with pytest.raises(KeyFileError, match=r"controller\.pub: not a key file"):
        admitted(tmp_path)


@pytest.mark.parametrize(
    ("party", "role", "span", "may"),
    [
        (None, "host", (0, 1), False),
        (Party("host", "k", 0, 5), "host", (0, 5), True),
        (Party("host", "k", 0, 5), "host", (1, 6), False),
        (Party("host", "k", 0, 5), "host", (3, 3), False),
        (Party("host", "k", 0, 5), "couriers", (-1, -1), False),
        (Party("couriers", "k"), "couriers", (-1, -1), True),
        (Party("viewer", "k"), "host", (0, 1), False),
    ],
)
def test_a_party_speaks_for_what_its_key_says(
    party: Party | None, role: str, span: tuple[int, int], may: bool
) -> None:
    """The role must be the same, and the robots among the key's."""
    assert may_speak(party, role, span) == may


def test_the_command_makes_keys_and_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object; a range that is none is one line and exit code 2."""
    folder = str(tmp_path / "keys")
    assert main(["keys", folder, "--host", "0:3", "--json"]) == 0
    assert "host-0-3" in json.loads(capsys.readouterr().out)["made"]
    assert main(["keys", folder, "--host", "3:3"]) == 2
    assert "not a range of robots" in capsys.readouterr().err


@pytest.mark.parametrize("spans", [[(3, 9)], [(0, 6), (5, 9)], [(0, 9)], [(2, 4)]])
def test_two_keys_for_one_robot_are_refused(tmp_path: Path, spans: list[tuple[int, int]]) -> None:
    """Beside keys that are there, or in one command; nothing is made."""
    make(tmp_path, [(0, 6)])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyFileError, match=r"overlaps 0:6|overlaps 5:9"):
        make(tmp_path, spans)
    assert sorted(tmp_path.iterdir()) == before
