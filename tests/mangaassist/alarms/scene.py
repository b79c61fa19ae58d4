"""Where alarms are provoked: a system that runs for real, beside a clock that a test turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from enrichment import gauges as of_items
from mangaassist import gauges
from mangaassist.alarms.definitions import Alarm
from mangaassist.alarms.duty import evaluate
from mangaassist.keeper import Keeper
from mangaassist.metrics.registry import registry
from mangaassist.metrics.reporter import flush
from mangaassist.models import AlarmEvent, AlarmState
from tests.incidents.conftest import AnswerAll
from tests.mangaassist.conftest import Account
from tests.simulator import Simulator

LONGEST_WAIT = 60.0  # seconds


@dataclass
class Scene:
    """The system as one alarm sees it."""

    request: pytest.FixtureRequest
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 25, 3, 0, tzinfo=UTC))

    def pass_window(self, alarm: Alarm) -> None:
        """Lets a window pass; everything that was measured before was measured in it."""
        self.now += timedelta(seconds=alarm.period)
        flush(self.now)
        evaluate(self.now)

    def state(self, alarm: Alarm) -> str:
        return AlarmState.objects.get(name=alarm.name).state

    def last_event(self, alarm: Alarm) -> AlarmEvent:
        return AlarmEvent.objects.filter(alarm=alarm.name).latest("pk")

    # Fixtures are made only for the scenes that need them.

    @property
    def account(self) -> Account:
        found: Account = self.request.getfixturevalue("provisioned")
        return found

    @property
    def worker(self) -> Account:
        """This process may do what a worker may, and nothing else."""
        found: Account = self.request.getfixturevalue("worker")
        return found

    @property
    def simulator(self) -> Simulator:
        found: Simulator = self.request.getfixturevalue("simulator")
        return found

    @property
    def answer_all(self) -> AnswerAll:
        found: AnswerAll = self.request.getfixturevalue("answer_all")
        return found

    @property
    def patch(self) -> pytest.MonkeyPatch:
        found: pytest.MonkeyPatch = self.request.getfixturevalue("monkeypatch")
        return found

    @property
    def settings(self) -> Any:
        return self.request.getfixturevalue("settings")


Act = Callable[[Scene], None]


@dataclass(frozen=True)
class Provocation:
    """How an alarm comes to ring. happens, heals: once in every window; subject: whose alarm;
    cause: a part of what a notification must name; commits: whether connections or threads change,
    which a test's own transaction cannot bear."""

    happens: Act
    heals: Act
    subject: str = ""
    cause: str = ""
    commits: bool = False


def nothing(scene: Scene) -> None:
    """Time heals what is counted."""


def measure_items() -> None:
    gauges.record(of_items.items())


def measure_pools() -> None:
    gauges.record(gauges.pools())


def measure_queues() -> None:
    gauges.record(gauges.queues())


def keep(duty: Callable[[], object]) -> None:
    """A keeper that does a duty once, as it does all: failures are counted, and it lives on."""
    begun = Event()

    def once() -> object:
        begun.set()
        return duty()

    once.__module__, once.__name__ = duty.__module__, duty.__name__
    keeper = Keeper({once: LONGEST_WAIT})
    keeper.start()
    assert begun.wait(LONGEST_WAIT)
    keeper.stop()


def forget_measurements() -> None:
    registry.take()
