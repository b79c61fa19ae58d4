"""Asks workers for samples of a release."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from enrichment import samples
from enrichment.jobs import Options
from enrichment.models import Release
from enrichment.sample import Sample
from enrichment.selection import selected
from enrichment.tasks import write_sample
from mangaassist import audit
from mangaassist.celery import hand_over
from mangaassist.errors import Failure
from mangaassist.pools import ENRICHMENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TITLES = 3
PATIENCE = timedelta(minutes=2)  # after which a sample without an answer counts as lost


def ask(release: Release, options: Options, user: User | None) -> None:
    """Asks for the first titles that a job with these options would take.

    A title that has a sample, or waits for one, is not asked for again. Raises a Failure when SQS
    takes no message; the sample says so too.
    """
    with transaction.atomic():
        Release.objects.select_for_update().get(pk=release.pk)
        wanted = _missing(release, options, user)
        if wanted:
            numbers = [sample.row.number for sample in wanted]
            audit.record(user, "sample", release, after={"rows": numbers})
    for sample in wanted:
        key = f"sample:{sample.pk}"
        try:
            hand_over(write_sample, ENRICHMENT.queue, key, key, sample.pk)
        except Failure as failure:
            samples.give_up(sample.pk, failure)
            raise


def _missing(release: Release, options: Options, user: User | None) -> list[Sample]:
    rows = list(selected(release, options.changes).order_by("number")[:TITLES])
    waits = Q(state__in=[Sample.State.WAITING, Sample.State.WRITING])
    lively = Q(state=Sample.State.DONE) | (waits & Q(created_at__gt=Now() - PATIENCE))
    known = set(samples.of(release, options).filter(lively).values_list("row", flat=True))
    return [
        Sample.objects.create(
            row=row, created_by=user, model=settings.ENRICHMENT_MODEL,
            kinds=sorted(options.kinds), languages=sorted(options.languages),
        )
        for row in rows if row.pk not in known
    ]  # fmt: skip
