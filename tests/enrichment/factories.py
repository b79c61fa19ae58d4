"""Rows that tests need."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from enrichment import releases, staging
from enrichment.models import Item, Job, Release, Title
from enrichment.states import State
from mangaassist.models import WorkerBeat
from mangaassist.pools import ENRICHMENT, Pool
from mangaassist.presence import KEEPERS

numbers = count(1)


def make_job(titles: int = 1, **fields: Any) -> Job:
    """An open job with so many pending items, each of a title of its own."""
    number = next(numbers)
    release = Release.objects.create(
        name=f"release-{number}.csv", sha256=f"{number:064}", fingerprint=f"{number:064}",
        state=Release.State.READY, good_rows=titles, created_by=fields.get("created_by"),
    )  # fmt: skip
    defaults = {
        "kinds": ["synopsis", "tags"],
        "languages": ["ja"],
        "model": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    }
    job = Job.objects.create(
        release=release, fingerprint=f"{number:064}", total=titles, **{**defaults, **fields}
    )
    for position in range(titles):
        title = Title.objects.create(
            id=f"T{number}-{position}", title_jp=f"ひまわり探偵 第{position}部"
        )
        Item.objects.create(job=job, title=title)
    return job


def make_title(id: str, *states: State, **details: Any) -> Title:
    """A title that a job has written, or one whose jobs left its items in these states."""
    title = Title.objects.create(id=id, **{"title_jp": "猫", **details})
    for state in states or (State.DONE,):
        Item.objects.create(job=make_job(titles=0), title=title, state=state)
    return title


def make_burst(titles: int, **fields: Any) -> Job:
    """An open job with thousands of pending items, made in a few statements."""
    job = make_job(titles=0, **fields)
    rows = [Title(id=f"B{job.pk}-{position}", title_jp="猫") for position in range(titles)]
    Title.objects.bulk_create(rows)
    Item.objects.bulk_create(Item(job=job, title=title) for title in rows)
    return job


def job_of(*states: State, **fields: Any) -> Job:
    """A job with an item in each of these states; fields: of all the items."""
    job = make_job(titles=len(states))
    for item, state in zip(job.items.order_by("pk"), states, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state, **fields)
    return job


def make_release(content: str | bytes, user: User | None = None, **options: Any) -> Release:
    """A release of a file, received and staged."""
    data = content.encode() if isinstance(content, str) else content
    release, _ = releases.receive("titles.csv", io.BytesIO(data), user, **options)
    claimed = staging.claim_here(release.pk)
    if claimed is not None:
        staging.stage(claimed)
    release.refresh_from_db()
    return release


def live_worker(pool: Pool = ENRICHMENT, permits: int = 10) -> None:
    """A worker that has just written its beat."""
    _live(pool.name, permits)


def live_keeper() -> None:
    """A keeper that has just written its beat."""
    _live(KEEPERS, 1)


def _live(pool: str, permits: int) -> None:
    now = timezone.now()
    WorkerBeat.objects.create(
        worker=f"a:{next(numbers)}", pool=pool, permits=permits, in_use=0, done=0, failed=0,
        started_at=now, beat_at=now,
    )  # fmt: skip
