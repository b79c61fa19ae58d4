"""The keeper: runs each timed duty in a thread of its own, so that a slow one delays no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog
from django.db import close_old_connections
from django.utils.module_loading import import_string

from mangaassist import metrics

LONGEST_PAUSE = 30.0  # seconds between the tries of a failing duty

log = structlog.get_logger(__name__)


class Keeper:
    """Runs duties until stopped. Several keepers may run at once: duties are safe for that.

    duties: callable → seconds between the end of one run and the start of the next.
    """

    def __init__(self, duties: Mapping[Callable[[], object], float]) -> None:
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._repeat, args=(duty, every), name=name_of(duty))
            for duty, every in duties.items()
        ]

    @classmethod
    def of(cls, names: Mapping[str, float]) -> Keeper:
        """For duties that are named as settings do. Raises ImportError."""
        return cls({import_string(name): every for name, every in names.items()})

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Lets running duties finish and returns when all have."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _repeat(self, duty: Callable[[], object], every: float) -> None:
        name = name_of(duty)
        failures = 0
        pause = 0.0
        while not self.stopping.wait(pause):
            try:
                duty()
                failures = 0
                metrics.DUTY_TICKS.record(Duty=name)
            except Exception:
                failures += 1
                metrics.DUTY_FAILURES.record(Duty=name)
                log.exception("duty_failed", duty=name, failures=failures)
            finally:
                close_old_connections()
            pause = pause_after(failures, every)


def name_of(duty: Callable[[], object]) -> str:
    """As the settings name it, such as `enrichment.reaper.reap`."""
    return f"{duty.__module__}.{duty.__name__}"


def pause_after(failures: int, every: float) -> float:
    """Seconds until the next run, after so many failed runs in a row."""
    # Two to the power of all failures of a long outage would be no float any more.
    return min(LONGEST_PAUSE, every * 2 ** min(failures, 10)) if failures else every
