"""The arithmetic of capacity, on the runbook's figures and at its limits."""

from __future__ import annotations

import dataclasses

import pytest

from enrichment import capacity_text
from enrichment.capacity import Conditions, Figure, Fleet, Limit, Source, capacity, slots_for


def given(value: float) -> Figure:
    return Figure(value, Source.GIVEN)


ON = Conditions(
    parallel=given(10), reserve=given(25), latency=given(2), calls=given(1), tokens=given(1_000),
    request_quota=given(1e6), token_quota=given(1e9),
)  # fmt: skip
FLEET = Fleet(workers=given(5), slots=given(5))


def on(**figures: float) -> Conditions:
    return dataclasses.replace(ON, **{name: given(value) for name, value in figures.items()})


@pytest.mark.parametrize(
    ("slots", "conditions", "rate"),
    [(25, ON, 7_500), (5, on(parallel=1), 150), (10, on(latency=3), 2_000)],
    ids=["the pool", "the runbook's incident", "the runbook's fix"],
)
def test_the_runbooks_rates(slots: int, conditions: Conditions, rate: float) -> None:
    found = capacity(slots, conditions)
    assert found.rate == pytest.approx(rate)
    assert found.binds == Limit.WORKERS


def test_repaired_answers_cost_time_requests_and_tokens() -> None:
    found = capacity(25, on(calls=1.25, request_quota=10_000, token_quota=8e6))
    assert found.rates == pytest.approx(
        {Limit.WORKERS: 6_000, Limit.RESERVE: 6_000, Limit.REQUESTS: 8_000, Limit.TOKENS: 6_400}
    )


@pytest.mark.parametrize(
    ("conditions", "binds", "used"),
    [
        (on(request_quota=3_000), Limit.REQUESTS, 0.4),
        (on(token_quota=1.5e6), Limit.TOKENS, 0.2),
    ],
)
def test_a_quota_below_the_workers_binds(conditions: Conditions, binds: Limit, used: float) -> None:
    found = capacity(25, conditions)
    assert found.binds == binds
    assert found.use(binds) == 1
    assert found.use(Limit.WORKERS) == pytest.approx(used)


def test_workers_beyond_the_pools_reserve_add_nothing() -> None:
    found = capacity(500, ON)
    assert found.rate == pytest.approx(7_500)
    assert found.binds == Limit.RESERVE


def test_titles_take_as_long_as_the_rate_says() -> None:
    assert capacity(25, ON).seconds(2_000) == pytest.approx(16)


def test_a_rate_needs_slots_that_have_some_air() -> None:
    assert slots_for(500, ON) == 3  # 16.7 calls at a time of 10 in a slot, busy for 80 %
    assert slots_for(500, on(parallel=1)) == 21


def test_the_answer_names_what_binds() -> None:
    lines = list(capacity_text.answer(capacity(25, on(request_quota=3_000)), titles=9_000))
    assert lines == [
        "Rate      3,000 titles a minute, bound by the request quota",
        "Clears    9,000 titles in 3.0 min",
        "Limits",
        "  workers              7,500 titles a minute   40% used",
        "  reserved slots       7,500 titles a minute   40% used",
        "  request quota        3,000 titles a minute  100% used",
        "  token quota      1,000,000 titles a minute    0% used",
    ]


def test_a_rate_out_of_reach_says_what_is_in_the_way() -> None:
    conditions = on(request_quota=8_000)
    lines = list(capacity_text.target(9_000, FLEET, conditions, capacity(25, conditions)))
    assert lines == [
        "Needs     8 workers of 5 slots for 9,000 titles a minute: 38 slots that are busy 80% of"
        " the time",
        "          Not possible: the pool reserves 25 slots.",
        "          Not possible: the request quota allows 8,000.",
    ]


def test_every_figure_says_where_it_comes_from() -> None:
    title, *lines = capacity_text.basis(FLEET, ON)
    assert title == "Figures"
    assert len(lines) == len(capacity_text.UNITS)
    assert all(line.endswith("  given") for line in lines)
