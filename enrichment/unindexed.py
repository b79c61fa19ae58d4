"""Titles that the search has to learn of, kept until it knows them: in batches, by leases.

A change is written first and, when searches have had time to see it, looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from enrichment.models import Unindexed
from mangaassist.embedding import MOST_TEXTS
from mangaassist.errors import Failure, Throttled
from mangaassist.pools import MAINTENANCE

BATCH = 5 * MOST_TEXTS  # changes in one message
MOST_OUT = 2 * MAINTENANCE.permits  # messages that workers may have; they take them in time then
PATIENCE = timedelta(minutes=2)  # a message that no worker took by then counts as lost
SEEN_WITHIN = timedelta(minutes=2)  # OpenSearch Serverless shows a vector after a minute
LEASE = timedelta(minutes=5)  # within which a worker must have written a batch
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)  # before another try

log = structlog.get_logger(__name__)


@transaction.atomic
def take() -> str:
    """Gives the next due changes to a new batch; empty when there are none, or enough are out."""
    out = Unindexed.objects.filter(lease_until__gt=Now()).exclude(batch="")
    if out.values("batch").distinct().count() >= MOST_OUT:
        return ""
    due = list(
        Unindexed.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
        .order_by("pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:BATCH]
    )
    batch = uuid4().hex
    Unindexed.objects.filter(pk__in=due).update(batch=batch, lease_until=Now() + PATIENCE)
    return batch if due else ""


def claim(batch: str) -> dict[str, int | None]:
    """The titles of a batch for one worker; none when the message came late.

    With each the version to look for, or None if it has to be written.
    """
    _of(batch).update(lease_until=Now() + LEASE)
    found: dict[str, int | None] = {}
    for title, version in _of(batch).order_by("pk").values_list("title_id", "version"):
        known = found.get(title, version)
        found[title] = None if known is None or version is None else max(known, version)
    return found


def free(batch: str) -> None:
    """Lets a batch that was not sent be taken again."""
    _of(batch).update(lease_until=None)


def written(batch: str, versions: Mapping[str, int]) -> None:
    """Titles were written, and are due again when searches must have seen them."""
    for version in set(versions.values()):
        titles = [title for title, of in versions.items() if of == version]
        _of(batch).filter(title_id__in=titles).update(
            batch="", version=version, lease_until=Now() + SEEN_WITHIN
        )


def unseen(batch: str, titles: Collection[str]) -> None:
    """No search sees what was written, so it has to be written again."""
    _of(batch).filter(title_id__in=titles).update(version=None)


def done(batch: str, titles: Collection[str]) -> None:
    """The search knows them, as far as this batch is concerned."""
    _of(batch).filter(title_id__in=titles).delete()


def give_back(batch: str, failure: Failure) -> None:
    """Lets what is left of a batch be tried again, later each time."""
    tries = _of(batch).values_list("tries", flat=True).first() or 0
    pause = min(LONGEST_PAUSE, PAUSE * 2 ** min(tries, 10))
    if isinstance(failure, Throttled):
        pause = max(PAUSE, timedelta(seconds=failure.wait))
    left = _of(batch).update(batch="", tries=F("tries") + 1, lease_until=Now() + pause)
    log.error("titles_not_indexed", titles=left, code=failure.code, cause=failure.message)


def _of(batch: str) -> QuerySet[Unindexed]:
    return Unindexed.objects.filter(batch=batch)
