"""Duties repeat, each for itself, through failures and until the end."""

from __future__ import annotations

import logging
import threading

import pytest

from mangaassist.keeper import LONGEST_PAUSE, Keeper, pause_after
from mangaassist.metrics.registry import registry

SOON = 60.0  # seconds within which anything here happens

# Its threads may touch the database connections, as duties do.
pytestmark = pytest.mark.django_db(transaction=True)


class Duty:
    """Counts its runs; the first `failing` of them fail."""

    __name__ = "duty"

    def __init__(self, failing: int = 0, runs: int = 3) -> None:
        self.failing = failing
        self.left = runs
        self.reached = threading.Event()

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.reached.set()
        if self.failing:
            self.failing -= 1
            raise ValueError("The duty failed.")


def test_a_duty_repeats() -> None:
    duty = Duty(runs=3)
    keeper = Keeper({duty: 0.001})
    keeper.start()
    assert duty.reached.wait(SOON)
    keeper.stop()


def test_a_duty_that_fails_is_logged_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    duty = Duty(failing=2, runs=3)
    keeper = Keeper({duty: 0.001})
    keeper.start()
    assert duty.reached.wait(SOON)
    keeper.stop()
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_a_duty_that_hangs_delays_no_other() -> None:
    released = threading.Event()

    def hanging() -> None:
        released.wait(SOON)

    duty = Duty()
    keeper = Keeper({hanging: 0.001, duty: 0.001})
    keeper.start()
    assert duty.reached.wait(SOON)
    released.set()
    keeper.stop()


def test_the_end_waits_for_a_duty_that_runs() -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        keeper.stopping.wait(SOON)
        ended.set()

    keeper = Keeper({slow: 0.001})
    keeper.start()
    assert begun.wait(SOON)
    keeper.stop()
    assert ended.is_set()


def test_the_pause_doubles_with_every_failure_up_to_half_a_minute() -> None:
    assert [pause_after(failures, 0.5) for failures in range(8)] == [
        0.5, 1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE,
    ]  # fmt: skip


def test_a_duty_that_fails_for_days_is_still_repeated() -> None:
    assert pause_after(100_000, 0.5) == LONGEST_PAUSE


def test_runs_and_failures_are_counted_by_the_duty_as_settings_name_it() -> None:
    registry.take()
    duty = Duty(failing=2, runs=3)
    keeper = Keeper({duty: 0.001})
    keeper.start()
    assert duty.reached.wait(SOON)
    keeper.stop()
    counted = {one.metric.name: (one.dimensions, one.values[0]) for one in registry.take()}
    name = (("Duty", "tests.mangaassist.test_keeper.duty"),)
    assert counted["DutyFailures"] == (name, 2)
    assert counted["DutyTicks"][0] == name
