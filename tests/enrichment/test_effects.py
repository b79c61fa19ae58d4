"""What a preview says is what the action then does."""

from __future__ import annotations

from itertools import product

import pytest

from enrichment import jobs
from enrichment.closing import close_jobs
from enrichment.effects import Action, effect
from enrichment.models import Item, Job
from enrichment.states import State
from mangaassist.models import AuditEntry
from tests.enrichment.factories import job_of

pytestmark = pytest.mark.django_db

MIXED = (*State, State.PENDING, State.QUEUED, State.FAILED)
OVER = (State.DONE, State.FAILED, State.REFUSED)
ITEMS = (MIXED, OVER, (State.DONE,), (State.RUNNING,))


@pytest.mark.parametrize(("state", "items"), list(product(Job.State, ITEMS)))
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.BUDGET])
def test_an_action_touches_what_its_preview_said(
    action: Action, state: Job.State, items: tuple[State, ...]
) -> None:
    job = job_of(*items)
    Job.objects.filter(pk=job.pk).update(state=state)
    close_jobs()
    job.refresh_from_db()
    told = effect(job, action)
    before = list(job.items.order_by("pk").values_list("pk", "state"))
    done = getattr(jobs, action)(job.pk)
    changed = set(before) ^ set(job.items.values_list("pk", "state"))
    assert AuditEntry.objects.exists() == told.possible
    if action is Action.RESUME:
        assert (done, changed) == (told.possible, set())
    else:
        assert done == len({pk for pk, _ in changed}) == (told.touched if told.possible else 0)


def test_a_retry_is_told_by_item_and_cause() -> None:
    job = job_of(State.FAILED, State.FAILED, State.QUARANTINED, State.DONE)
    first = job.items.order_by("pk")[0]
    Item.objects.filter(pk=first.pk).update(code="truncated")
    assert effect(job, Action.RETRY).touched == 3
    assert effect(job, Action.RETRY, code="truncated").touched == 1
    assert effect(job, Action.RETRY, items=[first.pk], code="").touched == 1
    assert not effect(job, Action.RETRY, code="unheard_of").possible
