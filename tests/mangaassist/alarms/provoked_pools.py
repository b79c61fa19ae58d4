"""Ways to make alarms of pools, workers and keepers ring."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from django.utils import timezone

from enrichment.models import Job
from enrichment.notices import mail_ended_jobs
from local import ports
from mangaassist import activity, presence
from mangaassist.keeper import name_of
from mangaassist.pools import ENRICHMENT
from mangaassist.presence import beat_of_keeper
from tests.enrichment.factories import live_worker, make_job
from tests.mangaassist.alarms.scene import (
    Provocation,
    Scene,
    keep,
    measure_items,
    measure_pools,
    nothing,
)

POOL = ENRICHMENT.name


def a_worker_is_busy_with(calls: int) -> None:
    """A worker with all of the pool's permits beats while so many calls run."""
    with ExitStack() as running:
        for _ in range(calls):
            running.enter_context(activity.permits.used())
        presence.beat(POOL, datetime.now(UTC))
    measure_pools()


def nearly_all_permits_are_in_use(scene: Scene) -> None:
    scene.patch.setattr(activity, "permits", activity.Permits(ENRICHMENT.permits))
    a_worker_is_busy_with(ENRICHMENT.permits * 81 // 100)


def most_permits_are_free(scene: Scene) -> None:
    a_worker_is_busy_with(ENRICHMENT.permits * 69 // 100)


def nobody_is_there_to_work(scene: Scene) -> None:
    make_job()
    measure_items()
    measure_pools()


def somebody_starts_a_worker(scene: Scene) -> None:
    live_worker()
    measure_items()
    measure_pools()


def every_keeper_is_dead(scene: Scene) -> None:
    """Nothing happens any more."""


def a_keeper_works(scene: Scene) -> None:
    keep(beat_of_keeper)


def the_mail_server_is_not_there(scene: Scene) -> None:
    scene.settings.NOTIFY_EMAILS = ["staff@example.com"]
    scene.settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    scene.settings.EMAIL_PORT = ports.free()
    Job.objects.filter(pk=make_job().pk).update(ended_at=timezone.now(), counts={"done": 1})
    keep(mail_ended_jobs)


POOLS = {
    "concurrency": Provocation(nearly_all_permits_are_in_use, most_permits_are_free, POOL),
    "no-workers": Provocation(nobody_is_there_to_work, somebody_starts_a_worker, POOL),
    "keeper-silent": Provocation(every_keeper_is_dead, a_keeper_works, commits=True),
    "duty-failing": Provocation(
        the_mail_server_is_not_there, nothing, name_of(mail_ended_jobs), commits=True
    ),
}
