"""manage.py worker: what it refuses, and its life as a process."""

from __future__ import annotations

import signal
import time

import pytest
from django.core.management import CommandError, call_command

from mangaassist.broker.exits import MISCONFIGURED
from mangaassist.models import MetricSample, WorkerBeat
from mangaassist.pools import ENRICHMENT
from tests.incidents.conftest import policy_with_the_old_name
from tests.mangaassist.conftest import Account
from tests.processes import LONGEST_WAIT, manage


@pytest.mark.parametrize("slots", [-1, 0, ENRICHMENT.slots + 1])
def test_slots_are_those_of_the_pool_at_most(slots: int) -> None:
    with pytest.raises(CommandError, match="must be 1 to 25"):
        call_command("worker", "enrichment", slots=slots)


@pytest.mark.parametrize("parallel", [0, ENRICHMENT.parallel + 1])
def test_a_slot_works_on_no_more_at_a_time_than_the_pool_allows(parallel: int) -> None:
    with pytest.raises(CommandError, match="--parallel must be 1 to 10"):
        call_command("worker", "enrichment", parallel=parallel)


def test_an_unknown_pool_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'nonsense'"):
        call_command("worker", "nonsense")


@pytest.mark.django_db
def test_a_worker_without_its_queue_says_so_and_does_not_start(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        call_command("worker", "enrichment")
    (told,) = capsys.readouterr().err.splitlines()
    assert exit_.value.code == MISCONFIGURED
    assert told.startswith("The enrichment worker cannot start: ")
    assert ENRICHMENT.queue.name in told


@pytest.mark.django_db
def test_what_kept_a_worker_from_its_start_is_measured(provisioned: Account) -> None:
    provisioned.act_with(policy_with_the_old_name(provisioned))
    with pytest.raises(SystemExit):
        call_command("worker", "enrichment")
    [denied] = MetricSample.objects.filter(name="CatalogWriteErrors")
    assert '"Code": "AccessDeniedException"' in denied.dimensions


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_seen_while_it_lives_and_ends_by_sigterm(provisioned: Account) -> None:
    with manage("worker", "enrichment", "--slots=2", "--parallel=3") as process:
        deadline = time.monotonic() + LONGEST_WAIT
        while not WorkerBeat.objects.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        beat = WorkerBeat.objects.get()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 0
    assert (beat.pool, beat.permits) == ("enrichment", 6)
    assert not WorkerBeat.objects.exists()
