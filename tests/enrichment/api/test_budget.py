"""A job's budget over the API: planned, given, changed and used up."""

from __future__ import annotations

from typing import Any

import pytest

from enrichment.budget import hold
from enrichment.models import Job, WeeklyMark
from enrichment.states import State
from tests.enrichment.api.clients import JOBS, RELEASES, Client
from tests.enrichment.factories import job_of, live_keeper, live_worker

pytestmark = pytest.mark.django_db


def change(client: Client, job: Job, usd: Any) -> Any:
    return client.post(f"{JOBS}{job.pk}/budget/", {"budget_usd": usd}, format="json")


@pytest.mark.parametrize(("usd", "fit"), [("5.00", "surely"), ("0.01", "not"), (None, None)])
def test_a_preview_says_whether_the_budget_is_enough(
    editor: Client, usd: str | None, fit: str | None
) -> None:
    rows = "".join(f"A-{number},猫{number}\n" for number in range(40))
    release = editor.release(f"id,titleJp\n{rows}")
    wish = {"budget_usd": usd, "kinds": ["synopsis", "tags", "pitch", "keywords"]}
    answer = editor.post(f"{RELEASES}{release}/preview/", wish, format="json").json()
    assert (answer["budget"] or {}).get("fit") == fit
    if fit == "not":
        assert 0 < answer["budget"]["titles"] < 40


def test_a_job_starts_with_its_budget_and_so_does_a_mark(editor: Client) -> None:
    live_worker()
    live_keeper()
    job = editor.confirm(editor.release(), budget_usd="2.50").json()
    assert (job["budget_usd"], job["held"]) == (2.5, False)
    marked = editor.release("id,titleJp\nB,犬\n")
    answer = editor.put(f"{RELEASES}{marked}/weekly/", {"budget_usd": "1"}, format="json")
    assert answer.json()["weekly"]["budget_usd"] == 1.0
    assert WeeklyMark.objects.get().budget == 1


def test_a_held_job_says_so_and_goes_on_with_more_money(operator: Client) -> None:
    job = job_of(State.DONE, State.PENDING, cost="0.5")
    change(operator, job, "0.60")
    hold(job.pk)
    found = operator.get(f"{JOBS}{job.pk}/", headers={"Accept-Language": "en"}).json()
    assert (found["state"], found["held"]) == ("paused", True)
    assert "of its budget of $0.60" in found["obstacles"][0]
    assert change(operator, job, "1.00").json()["state"] == "open"


@pytest.mark.parametrize("usd", ["0", "-1", "0.001", "x", "1e9"])
def test_what_is_no_amount_is_refused(operator: Client, usd: str) -> None:
    assert change(operator, job_of(State.PENDING), usd).status_code == 400


def test_who_only_looks_changes_no_budget(viewer: Client) -> None:
    assert change(viewer, job_of(State.PENDING), "1").status_code == 403
