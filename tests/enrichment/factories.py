"""Rows that tests need."""

from __future__ import annotations

from itertools import count

from enrichment.models import Item, Job, Release, Title

numbers = count(1)


def make_job(titles: int = 1, **fields: object) -> Job:
    """An open job with so many pending items, each of a title of its own."""
    number = next(numbers)
    release = Release.objects.create(
        name=f"release-{number}.csv", sha256=f"{number:064}", good_rows=titles
    )
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
