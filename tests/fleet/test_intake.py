"""What comes from hosts between two ticks, drained once."""

import numpy as np

from fleet.events import REPORT
from fleet.intake import newest


def test_of_several_reports_of_a_robot_the_last_to_come_counts():
    """By robot, whatever the order in which they came."""
    rows = np.zeros(4, REPORT)
    rows["robot"], rows["cell"] = [3, 1, 3, 0], [10, 11, 12, 13]
    kept = newest([rows[:2], rows[2:]])
    assert kept["robot"].tolist() == [0, 1, 3]
    assert kept["cell"].tolist() == [13, 11, 12]
    assert len(newest([])) == 0
