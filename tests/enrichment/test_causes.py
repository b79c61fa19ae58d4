"""Why items did not succeed, grouped, with what helps."""

from __future__ import annotations

import pytest

from enrichment.causes import BAD_ANSWERS, FIXES, RETRY, causes
from enrichment.models import Item, Job
from enrichment.states import State
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def job_with(*items: tuple[State, str]) -> Job:
    job = make_job(titles=len(items))
    for item, (state, code) in zip(job.items.order_by("pk"), items, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state, code=code, message=f"about {item.pk}")
    return job


def test_the_most_frequent_cause_comes_first() -> None:
    job = job_with(
        (State.FAILED, "truncated"),
        (State.FAILED, "markup"),
        (State.FAILED, "markup"),
        (State.PENDING, "ThrottlingException"),
    )
    found = causes(job)
    assert [(cause.state, cause.code, cause.count) for cause in found] == [
        ("failed", "markup", 2),
        ("failed", "truncated", 1),
        ("pending", "ThrottlingException", 1),
    ]
    assert [cause.retryable for cause in found] == [True, True, False]


def test_the_newest_item_is_the_example() -> None:
    job = job_with((State.FAILED, "markup"), (State.FAILED, "markup"))
    newest = job.items.order_by("-pk")[0]
    (cause,) = causes(job)
    assert (cause.example, cause.example.message) == (newest, f"about {newest.pk}")


def test_what_went_well_after_all_is_no_cause() -> None:
    assert causes(job_with((State.DONE, "ThrottlingException"), (State.CANCELLED, "markup"))) == []


def test_an_unknown_code_may_be_retried() -> None:
    (cause,) = causes(job_with((State.FAILED, "SomethingNew")))
    assert cause.fix is RETRY


@pytest.mark.parametrize("code", [*FIXES, *BAD_ANSWERS])
def test_every_fix_is_told_in_both_languages(code: str) -> None:
    assert not FIXES[code].text("ja", {}).isascii()
    assert FIXES[code].text("en", {}).isascii()
