"""Which jobs are taken now, and what is said about the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enrichment.admission import (
    LONGEST_WAIT,
    MOST_PENDING,
    REASONS,
    STOPPED,
    Allowance,
    Load,
    Verdict,
    decide,
)

ALLOWANCE = Allowance(per_minute=600, burst=1_000)


def verdict(pending: int, titles: int, rate: float, level: float | None = None) -> Verdict:
    return decide(titles, Load(pending, rate, level), ALLOWANCE)


def test_a_job_is_taken_while_everything_ends_within_a_day() -> None:
    assert verdict(pending=1_000, titles=2_000, rate=1.0).accepted


def test_a_job_that_is_taken_knows_when_it_will_have_ended() -> None:
    taken = verdict(pending=1_000, titles=2_000, rate=10)
    assert (taken.status, taken.eta) == (202, timedelta(seconds=300))


def test_a_job_is_taken_when_nothing_waits_however_slow_it_goes() -> None:
    assert verdict(pending=0, titles=100_000, rate=0.001).accepted


def test_a_job_is_taken_before_anything_has_been_measured() -> None:
    taken = verdict(pending=5_000, titles=2_000, rate=0)
    assert (taken.accepted, taken.eta) == (True, None)


def test_a_job_is_taken_while_workers_have_only_just_begun() -> None:
    assert verdict(pending=5, titles=2_000, rate=1 / 60).accepted


def test_a_job_that_would_end_after_a_day_is_refused_until_enough_has_ended() -> None:
    refused = verdict(pending=86_000, titles=1_000, rate=1.0)
    assert (refused.status, refused.reason) == (429, "backlog")
    assert refused.retry_after == timedelta(seconds=600)
    assert refused.suggested == 400


def test_a_job_beyond_the_pending_limit_is_refused() -> None:
    refused = verdict(pending=MOST_PENDING, titles=1, rate=0)
    assert (refused.retry_after, refused.suggested) == (LONGEST_WAIT, 1)


def test_a_very_large_job_waits_until_nothing_else_does() -> None:
    refused = verdict(pending=10, titles=100_000, rate=0.1)
    assert refused.retry_after == timedelta(seconds=100)


def test_where_nothing_fits_any_more_a_short_wait_of_work_is_suggested() -> None:
    assert verdict(pending=MOST_PENDING, titles=5_000, rate=5).suggested == 3_000


def test_a_refusal_says_what_waits_and_for_how_long() -> None:
    refused = verdict(pending=86_400, titles=600, rate=1.0)
    assert refused.text("ja") == "処理待ちが86400件あります。約10分後にもう一度お試しください。"
    assert refused.text("en") == "86400 titles are waiting already. Try again in about 10 minutes."


@pytest.mark.parametrize("stopped", sorted(STOPPED))
def test_nothing_is_taken_while_nothing_consumes(stopped: str) -> None:
    refused = decide(1, Load(0, 9.0, stopped=stopped, cause="Denied: {x}"), ALLOWANCE)
    assert (refused.status, refused.reason) == (503, stopped)
    assert refused.retry_after > timedelta(0)
    assert ("Denied: {x}" in refused.text("en")) == (stopped == "pool_blocked")


def test_a_user_may_begin_a_bucketful_at_once() -> None:
    assert verdict(0, 1_000, 1.0, level=1_000).accepted


def test_a_first_job_may_be_larger_than_the_bucket() -> None:
    assert verdict(0, 5_000, 1.0, level=1_000).accepted


def test_a_user_in_debt_waits_until_it_is_paid_back() -> None:
    refused = verdict(0, 300, 1.0, level=-199)
    assert (refused.status, refused.reason) == (429, "user_rate")
    assert (refused.retry_after, refused.suggested) == (timedelta(seconds=20), 600)


def test_the_command_line_has_no_bucket() -> None:
    assert verdict(0, 10**6, 1.0, level=None).accepted


@pytest.mark.parametrize(
    ("begun", "level"),
    [
        ([], 1_000),
        ([(0, 400)], 600),
        ([(10, 400)], 700),
        ([(3_600, 400)], 1_000),
        ([(0, 5_000)], -4_000),
        ([(60, 1_000), (0, 600)], 0),
        ([(120, 1_000), (60, 100), (0, 100)], 900),
    ],
)
def test_the_bucket_is_what_the_jobs_of_a_user_left(
    begun: list[tuple[float, int]], level: float
) -> None:
    assert ALLOWANCE.level(begun) == pytest.approx(level)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence_in_both_languages(reason: str) -> None:
    told = Verdict(reason, 1, 1.0, None, timedelta(seconds=90), 5, "x")
    assert not told.text("ja").isascii()
    assert told.text("en").isascii()
