"""Samples: what workers write about a few titles before a job is begun, and who has it."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from enrichment.compose import Meter, compose
from enrichment.jobs import Options
from enrichment.models import Job, Release, Title
from enrichment.sample import Sample
from mangaassist.errors import Failure


def of(release: Release, options: Options) -> QuerySet[Sample]:
    """Every sample of a release that was written with these kinds and languages."""
    return Sample.objects.filter(
        row__release=release, kinds=sorted(options.kinds), languages=sorted(options.languages)
    )


def newest(release: Release, options: Options) -> list[Sample]:
    """The newest sample of each title that has one, in the order of the file."""
    found: dict[int, Sample] = {}
    for sample in of(release, options).select_related("row").order_by("row__number", "-pk"):
        found.setdefault(sample.row_id, sample)
    return list(found.values())


def write(sample_id: int) -> None:
    """A worker's part. Raises what the model's call raises, Refused, or BadAnswer."""
    waiting = Sample.objects.filter(pk=sample_id, state=Sample.State.WAITING)
    if not waiting.update(state=Sample.State.WRITING):
        return
    sample = Sample.objects.select_related("row").get(pk=sample_id)
    job = Job(kinds=sample.kinds, languages=sample.languages, model=sample.model)
    meter = Meter(sample.model)
    title = sample.row.title(Title.objects.filter(pk=sample.row.title_id).first())
    connection.close()  # The model thinks for seconds; other threads need it meanwhile.
    try:
        sample.results = compose(title, job, meter)["results"]
        sample.state = Sample.State.DONE
    finally:
        sample.cost = meter.usage.cost
        sample.save(update_fields=["results", "state", "cost"])


def give_up(sample_id: int, failure: Failure) -> None:
    """Says why there is no text; people may ask again."""
    Sample.objects.filter(pk=sample_id).exclude(state=Sample.State.DONE).update(
        state=Sample.State.FAILED, message=f"{failure.code}: {failure.message}"
    )
