"""manage.py autoscale: what it refuses and says, and its life with real workers."""

from __future__ import annotations

import json
import signal
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.utils import timezone

from mangaassist import aws, metrics
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmState, WorkerBeat
from mangaassist.pools import ENRICHMENT
from tests.mangaassist.conftest import Account
from tests.processes import LONGEST_WAIT, manage

POOL = (("Pool", ENRICHMENT.name),)


def needs_many_workers() -> None:
    """Samples of a minute in which 10,000 titles came and ten ended, after two seconds each."""
    now = timezone.now()
    samples.write([Measured(metrics.BACKLOG, POOL, [0])], now - timedelta(seconds=60))
    work = Measured(metrics.TASK_DURATION, POOL, [2_000.0] * 10)
    samples.write([Measured(metrics.BACKLOG, POOL, [10_000]), work], now)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "No worker pool is called 'nonsense'; there are deferred, enrichment"),
        (["enrichment", "--slots=26"], "must be 1 to 25, the slots of enrichment; name the"),
        (["enrichment", "--slots=0"], r"--slots \(or WORKER_SLOTS\) must be 1 to 25"),
        (["enrichment", "--min=3", "--max=2"], "--min and --max must be 1 to 5, in this order"),
        (["enrichment", "--slots=10", "--max=3"], "enrichment has 25 slots and a worker 10"),
        (["enrichment", "--every=0"], "--every must be more than 0"),
        (["enrichment", "--every=nan"], "--every must be more than 0"),
        (["enrichment", "--once"], "--once needs --driver ecs"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("autoscale", *arguments)


def test_a_driver_that_the_settings_misspell_is_refused(settings: Any) -> None:
    settings.SCALING_DRIVER = "esc"
    with pytest.raises(CommandError, match="SCALING_DRIVER must be one of ecs, local"):
        call_command("autoscale", "--dry-run")


@pytest.mark.django_db
def test_a_dry_run_prints_its_reasoning_about_every_pool() -> None:
    needs_many_workers()
    out = StringIO()
    call_command("autoscale", "--dry-run", stdout=out)
    told = out.getvalue()
    assert "enrichment: 0 → 5 workers, the load needs more" in told
    assert "deferred: 0 → 1 worker, fewer than there must be\n  measured  nothing" in told
    assert "need      (" in told


@pytest.mark.django_db
def test_one_look_sizes_a_service_of_ecs(account: Account) -> None:
    where: Any = {"cluster": product.ECS_CLUSTER}
    service = "manga-enrichment-worker"
    aws.ecs().create_cluster(clusterName=product.ECS_CLUSTER)
    aws.ecs().create_service(serviceName=service, taskDefinition="worker", desiredCount=1, **where)
    needs_many_workers()
    call_command("autoscale", "enrichment", "--driver=ecs", "--dry-run", stdout=StringIO())
    assert (
        aws.ecs().describe_services(services=[service], **where)["services"][0]["desiredCount"] == 1
    )
    call_command("autoscale", "enrichment", "--driver=ecs", "--once")
    assert (
        aws.ecs().describe_services(services=[service], **where)["services"][0]["desiredCount"] == 5
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("option", ["--once", "--dry-run"])
def test_one_look_that_sees_no_service_fails(option: str) -> None:
    with pytest.raises(CommandError, match="Not every pool could be"):
        call_command("autoscale", "enrichment", "--driver=ecs", option)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("provisioned", "simulator")
def test_a_local_worker_starts_and_drains_with_its_autoscaler_which_watches_alarms() -> None:
    with manage("autoscale", "enrichment", "--slots=2", "--max=1") as process:
        deadline = time.monotonic() + LONGEST_WAIT
        while not (WorkerBeat.objects.exists() and AlarmState.objects.exists()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        beat = WorkerBeat.objects.get()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 0
    assert (beat.pool, beat.permits) == (ENRICHMENT.name, 2 * ENRICHMENT.parallel)
    assert not WorkerBeat.objects.exists()
    events = [json.loads(line)["event"] for line in told.splitlines() if line.startswith("{")]
    # A worker that is slow to start makes it look again, and hold.
    told_of = [event for event in events if event.startswith(("autoscaler", "scaling", "worker"))]
    assert [event for event in told_of if event != "scaling_held"] == [
        "autoscaler_started", "scaling", "worker_started", "worker_ended", "autoscaler_stopped",
    ]  # fmt: skip
