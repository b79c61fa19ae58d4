from __future__ import annotations

from datetime import timedelta

from enrichment.admission import LONGEST_WAIT, MOST_PENDING, refusal


def test_a_job_is_taken_while_everything_ends_within_a_day() -> None:
    assert refusal(pending=1_000, titles=2_000, rate=1.0) is None


def test_a_job_is_taken_when_nothing_waits_however_slow_it_goes() -> None:
    assert refusal(pending=0, titles=100_000, rate=0.001) is None


def test_a_job_is_taken_before_anything_has_been_measured() -> None:
    assert refusal(pending=5_000, titles=2_000, rate=0) is None


def test_a_job_that_would_end_after_a_day_is_refused_until_enough_has_ended() -> None:
    refused = refusal(pending=86_400, titles=600, rate=1.0)
    assert refused is not None
    assert refused.retry_after == timedelta(seconds=600)


def test_a_job_beyond_the_pending_limit_is_refused() -> None:
    refused = refusal(pending=MOST_PENDING, titles=1, rate=0)
    assert refused is not None
    assert refused.retry_after == LONGEST_WAIT


def test_a_refusal_says_what_waits_and_for_how_long() -> None:
    refused = refusal(pending=86_400, titles=600, rate=1.0)
    assert refused is not None
    assert refused.text("ja") == "処理待ちが86400件あります。約10分後にもう一度お試しください。"
    assert refused.text("en") == "86400 titles are waiting already. Try again in about 10 minutes."


def test_a_job_is_taken_while_workers_have_only_just_begun() -> None:
    assert refusal(pending=5, titles=2_000, rate=1 / 60) is None
