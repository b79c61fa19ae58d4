"""Ways to make alarms of jobs and items ring."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from enrichment.dispatch import take
from enrichment.models import Item, Job
from enrichment.reaper import reap
from enrichment.states import State
from enrichment.tasks import enrich_item
from mangaassist.pools import ENRICHMENT
from tests.enrichment.factories import live_worker, make_job
from tests.incidents.conftest import deliver
from tests.mangaassist.alarms.scene import Provocation, Scene, measure_items, nothing

POOL = ENRICHMENT.name


def a_job_stands_still(scene: Scene) -> None:
    make_job()
    Job.objects.update(created_at=F("created_at") - timedelta(minutes=11))
    measure_items()


def it_goes_on(scene: Scene) -> None:
    Item.objects.update(state=State.RUNNING, started_at=Now())
    measure_items()


def a_message_is_lost(scene: Scene) -> None:
    make_job()
    assert take()
    lose_leases()


def a_worker_dies(scene: Scene) -> None:
    make_job()
    Item.objects.update(state=State.RUNNING)
    lose_leases()


def a_third_worker_dies(scene: Scene) -> None:
    make_job()
    Item.objects.update(state=State.RUNNING, crashes=2)
    lose_leases()


def lose_leases() -> None:
    """Time passes, and the reaper comes."""
    Item.objects.update(lease_until=Now() - timedelta(seconds=1))
    reap()


def deliveries_come_late(scene: Scene) -> None:
    make_job()
    [send] = take()
    for _ in range(11):
        enrich_item(send.item, send.delivery - 1)


def bedrock_throttles_for_long(scene: Scene) -> None:
    scene.simulator.fault("ThrottlingException")
    live_worker()  # The window has room for 30 items then.
    make_job(titles=21)
    deliver()


ITEMS = {
    "job-stuck": Provocation(a_job_stands_still, it_goes_on),
    "leases-expired": Provocation(a_message_is_lost, nothing, POOL),
    "crashes-recovered": Provocation(a_worker_dies, nothing, POOL),
    "quarantined": Provocation(a_third_worker_dies, nothing, POOL),
    "duplicate-deliveries": Provocation(deliveries_come_late, nothing, POOL, commits=True),
    "snoozes": Provocation(bedrock_throttles_for_long, nothing, POOL, commits=True),
}
