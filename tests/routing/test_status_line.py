"""How far something is, on a terminal and elsewhere."""

import io

from routing.status_line import WIDTH, StatusLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal_shows_one_line_that_is_wiped():
    """Half a bar, then a line that stays, then nothing."""
    out = Terminal()
    line = StatusLine(out)
    line.show(0.5, "half")
    assert out.getvalue() == f"\r[{'█' * (WIDTH // 2)}{'·' * (WIDTH // 2)}] half\x1b[K"
    line.say("one is done")
    line.end()
    assert out.getvalue().endswith("\r\x1b[Kone is done\n\r\x1b[K")


def test_elsewhere_only_plain_lines_are_printed():
    """No bar, no control characters."""
    out = io.StringIO()
    line = StatusLine(out)
    line.show(0.1, "shown on terminals")
    line.show(0.2, "shown everywhere", plain=True)
    line.say("said")
    line.end()
    assert out.getvalue() == "shown everywhere\nsaid\n"


def test_a_share_beyond_the_whole_is_a_full_bar():
    """A limit that was overrun."""
    out = Terminal()
    StatusLine(out).show(1.2, "late")
    assert out.getvalue() == f"\r[{'█' * WIDTH}] late\x1b[K"
