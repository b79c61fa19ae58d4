"""The loop's body, with a driver that only remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from mangaassist.errors import Temporary
from mangaassist.pools import DEFERRED, ENRICHMENT, WorkerPool
from mangaassist.scaling.autoscaler import Autoscaler
from mangaassist.scaling.plan import Load, Size
from tests.mangaassist.scaling.loads import load

BUSY, IDLE = load(arrivals=20), load()
SIZES = [Size(ENRICHMENT, 1, 1, 25), Size(DEFERRED, 1, 1, 15)]


@dataclass
class Fleet:
    """So many workers in each pool; ECS or a machine that may not answer."""

    numbers: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def workers(self, pool: WorkerPool) -> int:
        if pool.name in self.silent:
            raise Temporary("EndpointConnectionError", "nobody there")
        return self.numbers.get(pool.name, 1)

    def scale(self, size: Size, workers: int) -> None:
        self.workers(size.pool)
        self.numbers[size.pool.name] = workers

    def tend(self) -> None:
        """Numbers need nothing."""

    def close(self) -> None:
        """Numbers stay."""


@dataclass
class Clock:
    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds


def loads(**by_pool: Load | None) -> Callable[[WorkerPool], Load | None]:
    return lambda pool: by_pool.get(pool.name, IDLE)


def test_every_pool_gets_what_its_own_load_needs() -> None:
    fleet = Fleet()
    Autoscaler(SIZES, fleet, loads(enrichment=BUSY)).act()
    assert fleet.numbers == {"enrichment": 5}


def test_a_change_is_logged_with_its_reasoning() -> None:
    with capture_logs() as logs:
        Autoscaler(SIZES, Fleet(), loads(enrichment=BUSY)).act()
    (line,) = [line for line in logs if line["event"] == "scaling"]
    assert (line["pool"], line["workers"], line["wanted"]) == ("enrichment", 1, 5)
    assert "need      (20.00 + 0 / 600) × 2.00 / 0.8 = 50.0 permits" in line["why"]


def test_what_holds_a_pool_is_told_once() -> None:
    autoscaler = Autoscaler(SIZES, Fleet(), loads(enrichment=None))
    with capture_logs() as logs:
        autoscaler.act()
        autoscaler.act()
    (line,) = logs
    assert (line["event"], line["cause"]) == ("scaling_held", "not_measured")


def test_a_new_autoscaler_takes_nothing_away_for_five_minutes() -> None:
    clock, fleet = Clock(), Fleet({"enrichment": 9})
    autoscaler = Autoscaler(SIZES[:1], fleet, loads(), clock.now)
    for clock.seconds in range(0, 300, 10):
        autoscaler.act()
    assert fleet.numbers["enrichment"] == 9
    clock.seconds = 300
    autoscaler.act()
    assert fleet.numbers["enrichment"] == 8


@pytest.mark.parametrize("meanwhile", [BUSY, None, load(blocked=True)])
def test_five_minutes_begin_anew_when_fewer_were_not_enough_for_once(
    meanwhile: Load | None,
) -> None:
    clock, fleet = Clock(), Fleet({"enrichment": 5})
    measured: dict[str, Load | None] = {"enrichment": IDLE}
    autoscaler = Autoscaler(SIZES[:1], fleet, lambda pool: measured[pool.name], clock.now)
    autoscaler.act()
    clock.seconds, measured["enrichment"] = 290, meanwhile
    autoscaler.act()
    measured["enrichment"] = IDLE
    for clock.seconds in range(300, 600, 10):
        autoscaler.act()
    assert fleet.numbers["enrichment"] == 5
    clock.seconds = 600
    autoscaler.act()
    assert fleet.numbers["enrichment"] == 4


def test_a_pool_whose_driver_is_silent_does_not_hold_up_the_others() -> None:
    fleet = Fleet(silent={"enrichment"})
    autoscaler = Autoscaler(SIZES, fleet, loads(enrichment=BUSY, deferred=BUSY))
    with capture_logs() as logs:
        assert not autoscaler.act()
    assert fleet.numbers == {"deferred": 15}
    assert [line["event"] for line in logs] == ["scaling_failed", "scaling"]


def test_a_change_that_was_not_taken_is_tried_again() -> None:
    fleet = Fleet()
    autoscaler = Autoscaler(SIZES[:1], fleet, loads(enrichment=BUSY), Clock().now)
    (decision,) = autoscaler.decisions()
    fleet.silent.add("enrichment")
    assert not autoscaler._carry_out(decision)
    fleet.silent.clear()
    assert autoscaler.act()
    assert fleet.numbers == {"enrichment": 5}


def test_a_database_that_does_not_answer_changes_nothing_and_is_asked_once() -> None:
    asked = []

    def measure(pool: WorkerPool) -> Load | None:
        asked.append(pool)
        raise OperationalError("gone")

    fleet = Fleet({"enrichment": 9, "deferred": 3})
    autoscaler = Autoscaler(SIZES, fleet, measure)
    with capture_logs() as logs:
        autoscaler.act()
    assert fleet.numbers == {"enrichment": 9, "deferred": 3}
    assert [line["event"] for line in logs] == [
        "load_not_measured", "scaling_held", "scaling_held",
    ]  # fmt: skip
    autoscaler.act()
    assert asked == [ENRICHMENT] * 2
