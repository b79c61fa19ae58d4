"""When work that waits comes to an end, and how sure that is."""

from __future__ import annotations

import pytest

from mangaassist.scaling.forecast import Forecast, Outlook, drains


def test_the_bounds_are_wider_the_less_was_counted() -> None:
    few, many = drains(100, 0.3, ended=9), drains(100, 30, ended=900)
    assert few.soonest and few.latest and many.soonest and many.latest
    assert many.latest / many.soonest < 1.2 < few.latest / few.soonest


def test_what_comes_meanwhile_makes_both_bounds_later() -> None:
    alone, beside = drains(100, 1.0, ended=60), drains(100, 1.0, 0.5, ended=60)
    assert alone.soonest and beside.soonest and alone.latest and beside.latest
    assert alone.soonest < beside.soonest < beside.latest
    assert alone.latest < beside.latest


def test_one_that_has_ended_gives_no_latest_time() -> None:
    assert drains(1, 1 / 30, ended=1).latest is None


def test_work_that_may_come_as_fast_as_it_ends_has_no_latest_time() -> None:
    found = drains(100, 1.0, 0.95, ended=60)
    assert found.seconds == pytest.approx(2_000)
    assert found.latest is None


def test_a_rate_that_is_supposed_has_no_bounds() -> None:
    assert drains(100, 1.0) == Forecast(Outlook.DRAINS, 100)


def test_what_comes_faster_than_it_ends_grows() -> None:
    assert drains(100, 1.0, 1.5, ended=60) == Forecast(Outlook.GROWS, growth=30)
