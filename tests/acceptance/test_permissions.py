"""Incident 5 with real processes: a policy names another table than the one there is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mangaassist.resources import ENRICHMENT_ROLE
from tests.acceptance.site import LONGEST_WAIT, Site

BLOCKED = "SELECT * FROM mangaassist_poolstate WHERE blocked_at IS NOT NULL"
PROBE_NOW = "UPDATE mangaassist_poolstate SET probe_at = now()"


@pytest.fixture
def repaired(site: Site) -> Iterator[None]:
    """Leaves sound policies behind, whatever happens."""
    yield
    site.repair()


@pytest.mark.usefixtures("repaired")
def test_a_worker_that_may_not_write_the_catalogue_refuses_to_start(site: Site) -> None:
    site.misname_table(ENRICHMENT_ROLE)
    worker = site.start_worker()
    assert worker.process.wait(LONGEST_WAIT) == 78
    *measured, line = worker.log.splitlines()
    assert all("CloudWatchMetrics" in one for one in measured)
    assert line.startswith("The enrichment worker cannot start: ")
    assert "dynamodb:UpdateItem" in line
    assert "manage.py provision" in line


@pytest.mark.usefixtures("repaired")
def test_a_permission_lost_meanwhile_stops_the_job_loudly_and_loses_no_answer(site: Site) -> None:
    [worker] = site.start_workers(1)
    site.start_keeper()
    site.misname_table(ENRICHMENT_ROLE)
    release = site.release(titles=5)
    site.enrich(release, "--no-wait")
    site.wait(lambda: bool(site.rows(BLOCKED)) and len(site.in_state(release, "pending")) == 5)
    levels = [
        json.loads(line)["level"] for line in worker.log.splitlines() if "pool_blocked" in line
    ]
    assert levels == ["critical"]
    assert {item["tries"] for item in site.items(release)} == {0}
    site.repair()
    site.execute(PROBE_NOW)
    site.wait(lambda: site.all_done(release))
    assert site.writers(release) == {item["id"]: {item["id"]} for item in site.items(release)}
    assert set(site.calls(release).values()) == {1}
