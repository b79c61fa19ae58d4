"""Dates as people write them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.uploads.dates import iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026", "2026"),
        ("2026-11", "2026-11"),
        ("2026-11-24", "2026-11-24"),
        ("2000-02-29", "2000-02-29"),
        ("2026/11/24", "2026-11-24"),
        ("20261124", "2026-11-24"),
        ("2026/1/5", "2026-01-05"),
        ("2026/1", "2026-01"),
        ("2026.11.24", "2026-11-24"),
        ("2026年11月24日", "2026-11-24"),
        ("2026年1月5日", "2026-01-05"),
        ("2026年 11月", "2026-11"),
        ("2026年", "2026"),
        ("２０２６年１１月２４日", "2026-11-24"),
        ("２０２６／１１／２４", "2026-11-24"),
        ("2026/11/24 0:00", "2026-11-24"),
        ("2026-11-24 00:00:00", "2026-11-24"),
        ("2026-11-24T00:00:00", "2026-11-24"),
    ],
)
def test_a_date_is_normalised(written: str, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    [
        "1999-13",
        "1999-02-29",
        "0000",
        "99",
        "1999/07-01",
        "11/24/2026",
        "2026年11",
        "2026-11-24 12:30",
        "202611",
        "20261324",
        "令和8年11月24日",
        "soon",
        "",
    ],
)
def test_anything_else_is_no_date(written: str) -> None:
    assert iso_date(written) == ""


@given(st.dates())
def test_every_day_is_a_date_in_each_form(day: datetime.date) -> None:
    forms = (
        f"{day}",
        f"{day.year:04}/{day.month}/{day.day}",
        f"{day.year:04}年{day.month}月{day.day}日",
    )
    assert {iso_date(form) for form in forms} == {day.isoformat()}
