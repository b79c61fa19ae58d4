"""Samples: a few titles, written by the model before their job is begun."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from enrichment import samples, sampling
from enrichment.jobs import Options
from enrichment.models import Release, Title
from enrichment.sample import Sample
from enrichment.tasks import write_sample
from mangaassist.errors import Misconfigured
from tests.enrichment.factories import make_release
from tests.mangaassist.conftest import Account
from tests.simulator import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
OPTIONS = Options()


def release() -> Release:
    rows = "".join(f"A-{number},猫{number}\n" for number in range(5))
    return make_release(f"id,titleJp\n{rows}")


def test_three_titles_are_written_and_nothing_reaches_the_titles(
    provisioned: Account, simulator: Simulator
) -> None:
    made = release()
    sampling.ask(made, OPTIONS, None)
    for sample in samples.newest(made, OPTIONS):
        write_sample(sample.pk)
    found = samples.newest(made, OPTIONS)
    assert [sample.row.title_id for sample in found] == ["A-0", "A-1", "A-2"]
    assert {sample.state for sample in found} == {Sample.State.DONE}
    assert all(sample.results and sample.results["synopsis"]["ja"] for sample in found)
    assert all(sample.cost > 0 for sample in found)
    assert not Title.objects.exists()


def test_asking_twice_pays_once(provisioned: Account, simulator: Simulator) -> None:
    made = release()
    for _ in range(2):
        sampling.ask(made, OPTIONS, None)
    assert Sample.objects.count() == 3
    sample = Sample.objects.order_by("pk").first()
    assert sample
    for _ in range(2):
        write_sample(sample.pk)
    assert simulator.stats()["calls"] == 1


def test_a_failed_sample_says_why_and_is_asked_for_again(
    provisioned: Account, simulator: Simulator
) -> None:
    made = release()
    sampling.ask(made, OPTIONS, None)
    simulator.fault("AccessDeniedException")
    first = samples.newest(made, OPTIONS)[0]
    write_sample(first.pk)
    first.refresh_from_db()
    assert first.state == Sample.State.FAILED
    assert first.message.startswith("AccessDeniedException")
    sampling.ask(made, OPTIONS, None)
    assert samples.newest(made, OPTIONS)[0].state == Sample.State.WAITING


def test_a_sample_that_nobody_wrote_is_asked_for_again(provisioned: Account) -> None:
    made = release()
    sampling.ask(made, OPTIONS, None)
    Sample.objects.update(created_at=Now() - sampling.PATIENCE - timedelta(seconds=1))
    sampling.ask(made, OPTIONS, None)
    assert Sample.objects.count() == 6


def test_without_a_queue_the_sample_says_so(account: Account) -> None:
    made = release()
    with pytest.raises(Misconfigured):
        sampling.ask(made, OPTIONS, None)
    assert Sample.objects.filter(state=Sample.State.FAILED, message__contains="queue").exists()
