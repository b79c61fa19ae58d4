"""Lines over time: where they run, and where they break off."""

from __future__ import annotations

from dashboard.charts import HEIGHT, WIDTH, Line


def line(*values: float | None, limit: float | None = None) -> Line:
    return Line("Depth", "now 1", values, limit)


def test_a_line_runs_from_edge_to_edge_and_up_to_its_highest_value() -> None:
    assert line(0, 5, 10).path == f"M0 {HEIGHT - 1}h2L{WIDTH // 2} 24L{WIDTH} 1"


def test_a_line_breaks_off_where_nothing_was_measured() -> None:
    assert line(1, None, 1).path.count("M") == 2


def test_a_lone_last_value_is_a_dash_within_the_drawing() -> None:
    assert line(None, None, 5).path == f"M{WIDTH - 2} 1h2"


def test_a_line_of_zeros_lies_on_the_ground() -> None:
    assert line(0, 0).path == f"M0 {HEIGHT - 1}h2L{WIDTH} {HEIGHT - 1}"


def test_a_limit_above_all_values_is_the_upper_edge() -> None:
    assert line(1, 2, limit=4).limit_y == 1


def test_nothing_measured_is_no_line() -> None:
    assert line(None, None).path == ""
