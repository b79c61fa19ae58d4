from __future__ import annotations

import pytest
from django.db import connection

from bench._full_store import fill
from bench.dashboard import pages
from dashboard import snapshot
from enrichment.models import Item, Job


@pytest.mark.django_db
def test_a_full_store_has_open_jobs_and_ended_ones_whose_counts_are_true() -> None:
    fill(connection, jobs=4, items=40, open_jobs=2, large=80)
    lines = {line.id: line for line in snapshot.take().jobs}
    assert {line.state for line in lines.values()} == {"open", "failed"}
    assert Item.objects.count() == 240
    for job in Job.objects.all():
        states = job.items.values_list("state", flat=True)
        assert lines[job.pk].done == sum(state == "done" for state in states)
        assert lines[job.pk].failed == 9


@pytest.mark.django_db
def test_lists_and_details_are_timed() -> None:
    fill(connection, jobs=4, items=40, open_jobs=2, large=80)
    found = pages(4, 80)
    assert found["list_p95_ms"] > 0
    assert found["detail_p95_ms"] > 0
    assert found["large_detail_p95_ms"] > 0
