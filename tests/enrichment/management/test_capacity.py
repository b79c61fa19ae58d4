"""manage.py capacity, from what was given, what was measured and what is assumed."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.utils import timezone

from enrichment.estimate import LEAST_OBSERVED
from enrichment.models import Item
from enrichment.states import State
from mangaassist import metrics
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import WorkerBeat
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("capacity", *arguments, stdout=out)
    return out.getvalue()


def document(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told("--json", *arguments))
    return found


def enriched(count: int) -> None:
    """Items that took three seconds for 1.5 calls each, which read 600 tokens and wrote 200."""
    make_job(titles=count)
    now = timezone.now()
    Item.objects.update(
        state=State.DONE, started_at=now - timedelta(seconds=3), ended_at=now,
        calls=1, input_tokens=600, output_tokens=200,
    )  # fmt: skip
    half = Item.objects.order_by("pk").values_list("pk", flat=True)[: count // 2]
    Item.objects.filter(pk__in=list(half)).update(calls=2, input_tokens=1_200, output_tokens=400)


def test_the_runbooks_pool_of_twenty_five_slots() -> None:
    lines = told("--workers=5", "--slots=5", "--latency=2", "--titles=2000").splitlines()
    assert lines[0] == "Rate      7,500 titles a minute, bound by the workers"
    assert lines[1] == "Clears    2,000 titles in 16 s"


def test_the_runbooks_incident() -> None:
    found = document("--workers=5", "--slots=1", "--parallel=1", "--latency=2")
    assert found["titles_per_minute"] == pytest.approx(150)


def test_a_target_names_the_workers_that_it_needs() -> None:
    found = document("--slots=1", "--latency=2", "--titles-per-minute=500")
    assert found["target"] == {"titles_per_minute": 500, "slots": 3, "workers": 3}
    assert "Needs     3 workers of 1 slot for 500" in told(
        "--slots=1", "--latency=2", "--titles-per-minute=500"
    )


def test_what_was_never_measured_is_assumed() -> None:
    figures = document()["figures"]
    assert figures["seconds of a call"]["source"] == "assumed"
    assert figures["tokens of a call"]["source"] == "assumed"
    assert figures["workers"]["source"] == "assumed"


def test_the_last_items_say_how_long_calls_take_and_what_they_use() -> None:
    enriched(LEAST_OBSERVED)
    figures = document()["figures"]
    measured = {name: f["value"] for name, f in figures.items() if f["source"] == "measured"}
    assert measured == pytest.approx(
        {"seconds of a call": 2, "calls of a title": 1.5, "tokens of a call": 600 + 5 * 200}
    )


def test_measured_calls_are_better_than_the_time_of_items(settings: Any) -> None:
    enriched(LEAST_OBSERVED)
    of = (("ModelId", settings.ENRICHMENT_MODEL), ("Pool", "enrichment"))
    calls = Measured(metrics.INVOCATION_LATENCY, of, [1_000.0, 2_000.0])
    samples.write([calls], timezone.now())
    latency = document()["figures"]["seconds of a call"]
    assert (latency["value"], latency["detail"]) == (1.5, "2 calls of the last hour")


def test_items_that_ran_more_than_once_say_nothing() -> None:
    enriched(LEAST_OBSERVED)
    Item.objects.update(snoozes=1)
    assert document()["figures"]["seconds of a call"]["source"] == "assumed"


def test_living_workers_are_the_ones_it_speaks_of() -> None:
    for worker in ("a", "b"):
        WorkerBeat.objects.create(
            worker=worker, pool="enrichment", permits=30, in_use=0, done=0, failed=0,
            started_at=Now(), beat_at=Now(),
        )  # fmt: skip
    figures = document()["figures"]
    assert (figures["workers"]["value"], figures["slots of a worker"]["value"]) == (2, 3)
    assert figures["workers"]["source"] == "measured"


def test_the_titles_that_wait_are_the_ones_to_clear() -> None:
    make_job(titles=30)
    assert "Clears    30 titles in" in told()


@pytest.mark.parametrize(
    "option", ["--latency=0", "--workers=-1", "--titles-per-minute=inf", "--latency=nan"]
)
def test_nonsense_is_refused(option: str) -> None:
    with pytest.raises(CommandError, match=option.split("=")[0]):
        told(option)
