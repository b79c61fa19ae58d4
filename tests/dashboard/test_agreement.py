"""Numbers agree while a job runs: chips, total, API, database, and the rows of DynamoDB."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from dashboard.flow import Moment, flow
from dashboard.job_texts import ITEM_STATES
from enrichment import jobs
from enrichment.closing import close_jobs
from enrichment.database import STORE
from enrichment.folding import fold
from enrichment.models import Item, Job
from enrichment.states import ENDED, State
from enrichment.store import RUN_LEASE, Outcome, Usage
from mangaassist import catalog
from mangaassist.catalog import Provenance
from tests.dashboard.test_job_page import chips, page
from tests.enrichment.conftest import account, provisioned
from tests.enrichment.factories import make_job
from tests.mangaassist.conftest import Account

__all__ = ["account", "provisioned"]

TITLES, STEPS = 12, 30


class Run:
    """What workers, keepers and staff do to one job, a random step at a time."""

    def __init__(self, job: Job, seed: int) -> None:
        self.job, self.dice = job, random.Random(seed)

    def step(self) -> None:
        steps: list[Callable[[], object]] = [
            self.work, self.work, self.work, self.die,
            lambda: STORE.dispatch(self.job.pk, 4),
            lambda: STORE.reap(3),
            lambda: jobs.pause(self.job.pk),
            lambda: jobs.resume(self.job.pk),
            lambda: jobs.retry(self.job.pk),
            close_jobs,
            fold,
        ]  # fmt: skip
        self.dice.choice(steps)()

    def work(self) -> None:
        """A worker takes an item, writes it if all goes well, and settles it."""
        item = self._of(State.QUEUED)
        if item is None or not STORE.claim(item.pk, item.delivery, "worker"):
            return
        ends = (State.DONE, State.DONE, State.FAILED, State.REFUSED, State.PENDING)
        end = self.dice.choice(ends)
        if end is State.DONE:
            made = Provenance(item.pk, item.delivery, "haiku", "v1", "", 9, 3, Decimal("0.01"))
            catalog.put(item.title_id, {}, {"synopsis": {"ja": "話"}}, made)
        usage = Usage(1, 9, 3, Decimal("0.01"))
        code = "" if end is State.DONE else "odd"
        STORE.settle(item.pk, item.delivery, Outcome(end, code, usage=usage))

    def die(self) -> None:
        """A worker takes an item and is never heard of again."""
        item = self._of(State.QUEUED)
        if item is not None and STORE.claim(item.pk, item.delivery, "worker"):
            late = STORE.now() - RUN_LEASE
            Item.objects.filter(pk=item.pk).update(lease_until=late)

    def _of(self, state: State) -> Item | None:
        return self.job.items.filter(state=state).first()


@pytest.mark.parametrize("seed", range(2))
def test_all_numbers_of_a_job_agree_at_each_moment(
    client: Client, viewer: User, provisioned: Account, seed: int
) -> None:
    program = Client(headers={"Authorization": f"Token {Token.objects.create(user=viewer).key}"})
    run = Run(make_job(TITLES), seed)
    for _ in range(STEPS):
        run.step()
        stored = STORE.counts(run.job.pk)
        shown = chips(page(client, run.job))
        told = program.get(reverse("job-detail", args=[run.job.pk])).json()
        by_state = {state: shown.get(ITEM_STATES[state].en, 0) for state in State}
        assert by_state == told["progress"]["counts"]
        assert {state: count for state, count in by_state.items() if count} == stored
        assert sum(by_state.values()) == shown["All"] == told["total"] == TITLES
        ids = list(run.job.items.values_list("title_id", flat=True))
        last = (flow(run.job).moments or [Moment(timezone.now(), 0, 0, 0)])[-1]
        ended = sum(by_state[state] for state in ENDED)
        assert (last.begun, last.ended) == (by_state[State.RUNNING] + ended, ended)
        assert len(catalog.get_many(ids)) == told["progress"]["done"] == by_state[State.DONE]
