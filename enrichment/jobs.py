"""What staff do with jobs: start, cancel, retry. Each is one transaction, none talks to SQS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from enrichment.admission import Refusal, refusal
from enrichment.database import STORE
from enrichment.kinds import Kind
from enrichment.models import Item, Job, Release
from enrichment.progress import throughput
from enrichment.releases import chunks
from enrichment.states import OPEN
from mangaassist.language import Language

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHUNK = 1_000  # items per INSERT

log = structlog.get_logger(__name__)


class NothingToEnrich(Exception):
    """No row of the release was taken, so a job would have no items."""

    def __init__(self, release: Release) -> None:
        super().__init__(f"Release {release.pk} has no good rows.")
        self.bad_rows = release.bad_rows

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        if language == "ja":
            return f"登録できる行がありません（{self.bad_rows} 行すべてに誤りがあります）。"
        return f"No row of the file can be taken: all {self.bad_rows} have errors."


class TooMuchWaiting(Exception):
    """The store is too far behind to take another job now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text("en"))
        self.refusal = refusal

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        return self.refusal.text(language)


def start(
    release: Release,
    kinds: Sequence[Kind],
    languages: Sequence[Language],
    user: User | None = None,
    weight: int = 1,
) -> tuple[Job, bool]:
    """The job for a release with these options, and whether it is new.

    The same release with the same options is the same job, however often and at once one asks.
    Raises NothingToEnrich, and TooMuchWaiting for a new job that admission refuses.
    """
    if not release.good_rows:
        raise NothingToEnrich(release)
    model = settings.ENRICHMENT_MODEL
    fingerprint = _fingerprint(release, kinds, languages, model)
    try:
        with transaction.atomic():
            _admit(release.good_rows, fingerprint)
            job = Job.objects.create(
                release=release, kinds=sorted(kinds), languages=sorted(languages), model=model,
                fingerprint=fingerprint, weight=weight, created_by=user,
            )  # fmt: skip
            job.total = _add_items(job)
            job.save(update_fields=["total"])
    except IntegrityError:
        existing = (
            Job.objects.exclude(state=Job.State.CANCELLED).filter(fingerprint=fingerprint).first()
        )
        if existing is None:
            raise
        return existing, False
    log.info("job_started", job=job.pk, release=release.pk, total=job.total)
    return job, True


def cancel(job_id: int) -> int:
    """Withdraws what no worker has yet; running items finish. Returns how many it withdrew."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.ended_at is not None:
            return 0
        job.state = Job.State.CANCELLED
        job.save(update_fields=["state"])
        withdrawn = STORE.cancel(job_id)
    log.info("job_cancelled", job=job_id, withdrawn=withdrawn)
    return withdrawn


def retry(job_id: int, items: Sequence[int] | None = None) -> int:
    """Gives failed, refused and quarantined items fresh tries in an open job. Returns how many."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state == Job.State.CANCELLED:
            return 0
        returned = STORE.retry(job_id, items)
        if returned:
            job.state = Job.State.OPEN
            job.ended_at = job.mailed_at = job.posted_at = job.counts = None
            job.save(update_fields=["state", "ended_at", "mailed_at", "posted_at", "counts"])
    log.info("job_retried", job=job_id, items=returned)
    return returned


def _admit(titles: int, fingerprint: str) -> None:
    if Job.objects.exclude(state=Job.State.CANCELLED).filter(fingerprint=fingerprint).exists():
        return
    pending = Item.objects.filter(state__in=OPEN).count()
    refused = refusal(pending, titles, throughput())
    if refused is not None:
        raise TooMuchWaiting(refused)


def _fingerprint(
    release: Release, kinds: Sequence[Kind], languages: Sequence[Language], model: str
) -> str:
    options = [release.sha256, sorted(kinds), sorted(languages), model]
    return hashlib.sha256(json.dumps(options).encode()).hexdigest()


def _add_items(job: Job) -> int:
    titles = job.release.rows.values_list("title_id", flat=True).distinct().iterator(CHUNK)
    items = (Item(job=job, title_id=title) for title in titles)
    return sum(len(Item.objects.bulk_create(chunk)) for chunk in chunks(items, CHUNK))
