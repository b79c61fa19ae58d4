"""A preview in a terminal."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from enrichment.jobs import Options
from enrichment.pace import Basis, Pace
from enrichment.preview import Ends, Preview, preview
from enrichment.preview_text import lines
from tests.enrichment.factories import live_keeper, live_worker, make_release, make_title

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keeper(db: None) -> None:
    """A keeper is alive, so that only workers are wanting."""
    live_keeper()


@pytest.fixture
def found() -> Preview:
    return preview(make_release("id,titleJp\nA,猫\nB,犬\n"), Options(), None)


def test_everything_is_told(found: Preview) -> None:
    told = "\n".join(lines(found))
    assert "Titles: 2 of these rows: 2 new, 0 changed, 0 offer, 0 unchanged" in told
    assert "<titleJp>猫</titleJp>" in told
    assert "Cost: $" in told
    assert "nothing measured yet" in told
    assert "10:00 JST" in told


def test_what_would_not_be_written_is_told_with_what_it_would_cost() -> None:
    make_title("A")
    text = "id,titleJp\nA,猫\nB,犬\n"
    found = preview(make_release(text), Options(), None)
    told = [line for line in lines(found) if line.startswith("Left as they are")]
    assert told == [f"Left as they are: 1 unchanged, ${found.cost.expected:.2f} more to write anew"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(5, "5 s"), (89, "89 s"), (600, "10 min"), (9_000, "2.5 h")]
)
def test_times_have_the_unit_that_people_use(found: Preview, seconds: float, told: str) -> None:
    timed = replace(
        found, starts_in=0, ends_in=Ends(seconds, seconds), pace=Pace(2.0, Basis.LAST_MINUTE)
    )
    assert f"starts in 0 s, ends in {told} to {told} at 120 titles a minute" in "\n".join(
        lines(timed)
    )


def test_an_unknown_time_is_said_to_be_unknown(found: Preview) -> None:
    assert "unknown until some items have ended" in "\n".join(lines(found))


def test_the_verdict_is_told(found: Preview) -> None:
    assert list(lines(found))[-1].startswith("Admission: No worker is alive")
    live_worker()
    taken = preview(make_release("id,titleJp\nA,猫\n"), Options(), None)
    assert list(lines(taken))[-1] == "Admission: taken"


@pytest.mark.parametrize(
    ("usd", "told"),
    [
        ("5", "Budget: $5.00 is enough"),
        ("0.01", "Budget: $0.01 is not enough: the job pauses after about"),
    ],
)
def test_whether_the_budget_is_enough_is_told(found: Preview, usd: str, told: str) -> None:
    dear = replace(found, titles=40, cost=found.cost.times(20), budget=Decimal(usd))
    assert told in "\n".join(lines(dear))
