"""Tests of the note that compiling comes first."""

from routing.first_run import announce


def test_said_until_compiled_code_is_there(tmp_path, monkeypatch, capsys):
    """An empty cache is said, one with the compiled search is not."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    announce()
    assert "compiling" in capsys.readouterr().err
    (tmp_path / "anneal.anneal-97.py311.nbi").touch()
    announce()
    assert capsys.readouterr().err == ""
