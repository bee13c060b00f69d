"""Tests of the note that compiling comes first."""

import os

import routing
from routing.first_run import SOURCE, announce


def test_said_until_compiled_code_is_there(tmp_path, monkeypatch, capsys):
    """An empty cache is said, one with the compiled search is not."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    announce()
    assert "compiling" in capsys.readouterr().err
    index = tmp_path / "anneal.anneal-97.py311.nbi"
    index.touch()
    announce()
    assert capsys.readouterr().err == ""
    older = SOURCE.stat().st_mtime - 1.0
    os.utime(index, (older, older))  # of the version before an update
    announce()
    assert "compiling" in capsys.readouterr().err


def test_a_read_only_install_has_its_code_in_the_users_cache(tmp_path, monkeypatch, capsys):
    """Numba writes it there, so that is where a later run looks; nothing fails before there is."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(routing, "__path__", [str(tmp_path / "install")])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    announce()
    assert "compiling" in capsys.readouterr().err
    code = tmp_path / "numba" / "road_1"
    code.mkdir(parents=True)
    (code / "anneal.anneal-97.py311.nbi").touch()
    announce()
    assert capsys.readouterr().err == ""
