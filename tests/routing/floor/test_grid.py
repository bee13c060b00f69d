"""Floors: reading, one-way aisles, errors."""

import pytest

from routing.floor.grid import Floor, FloorError


def floor(*rows: str) -> Floor:
    """Return a floor of rows of letters."""
    return Floor.parse(
        f"type octile\nheight {len(rows)}\nwidth {len(rows[0])}\nmap\n" + "\n".join(rows)
    )


def ways(floor: Floor, cell: int) -> dict[int, int]:
    """Return the ways out of a cell by heading."""
    return {h: int(c) for h, c in enumerate(floor.successors[cell]) if c >= 0}


def test_letters_say_what_cells_are_for():
    """Stations, chutes, rejects and chargers are found by their letters, walls are not free."""
    plan = floor("E.S", "@TR", "C.S")
    assert plan.stations.tolist() == [0]
    assert plan.chutes.tolist() == [2, 8]
    assert plan.rejects.tolist() == [5]
    assert plan.chargers.tolist() == [6]
    assert plan.free.tolist() == [True] * 3 + [False] * 2 + [True] * 4


def test_last_chute_rejects_where_no_reject_is_drawn():
    """A floor without R rejects into its last chute."""
    assert floor("S.S").rejects.tolist() == [2]


def test_open_cell_leads_to_its_four_neighbours():
    """The middle of an open floor has four ways, a corner two."""
    plan = floor("...", "...", "...")
    assert ways(plan, 4) == {0: 5, 1: 7, 2: 3, 3: 1}
    assert ways(plan, 0) == {0: 1, 1: 3}


def test_one_way_aisle_is_left_along_its_arrow_or_sideways_into_a_plain_cell():
    """An arrow is never left backwards, never sideways into another arrow."""
    plan = floor("...", ".>.", ".>.")
    assert ways(plan, 4) == {0: 5, 3: 1}
    assert ways(plan, 7) == {0: 8}


def test_one_way_aisle_is_not_entered_from_its_head():
    """The cell that an arrow points at has no way back into it."""
    plan = floor(".>.")
    assert ways(plan, 2) == {}
    assert ways(plan, 0) == {0: 1}


def test_text_reads_back():
    """What a floor writes is the map that it was read from."""
    plan = floor("E>S", "@.C")
    assert Floor.parse(plan.text()).text() == plan.text()


def test_walls_of_other_maps_are_read():
    """MovingAI's maps have `O` out of bounds and `W` for water, and some the type `tile`."""
    plan = Floor.parse("type tile\nheight 1\nwidth 6\nmap\n.OWT@G")
    assert plan.free.tolist() == [True, False, False, False, False, True]
    assert Floor.parse(plan.text()).free.tolist() == plan.free.tolist()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x.map:1: not a MovingAI map"),
        ("type octile\nheight two\nwidth 2\nmap\n..\n..", "x.map:2: 'height two'"),
        (f"type octile\nheight {'9' * 5000}\nwidth 2\nmap\n..", "x.map:2: 'height 999"),
        ("type octile\nheight 2\nwidth 2\nmap\n..\n...", "x.map:6: row of 3 letters"),
        ("type octile\nheight 2\nwidth 2\nmap\n..\n.x", "x.map:6:2: unknown letter 'x'"),
        ("type octile\nheight 3\nwidth 2\nmap\n..\n..", "x.map: 2 rows, but `height 3`"),
        ("type octile\nheight 2\nwidth 2\nmap\n..\n\n..\n", "x.map: 3 rows, but `height 2`"),
        ("type octile\nheight 1\nwidth 2\n..\n", "x.map:4: line 4 is `map`"),
    ],
)
def test_bad_maps_are_refused_in_one_line(text, says):
    """Each error names file, place, value and remedy."""
    with pytest.raises(FloorError) as error:
        Floor.parse(text, "x.map")
    assert str(error.value).startswith(says)
    assert "\n" not in str(error.value)


def test_missing_file_is_refused():
    """A path that does not exist is one line too."""
    with pytest.raises(FloorError, match="cannot be read"):
        Floor.read("no-such.map")
