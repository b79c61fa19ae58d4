"""The loop's body: measure each pool, decide, act, and say why."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from django.db import Error as DatabaseError

from mangaassist import metrics
from mangaassist.errors import Failure
from mangaassist.pools import WorkerPool
from mangaassist.scaling import explain
from mangaassist.scaling.plan import Cause, Decision, Load, Quiet, Size, decide

# What staff should hear of even though no number changes.
TOLD = frozenset({Cause.NOT_MEASURED, Cause.NONE_ENDED, Cause.BLOCKED, Cause.OVERDUE})

log = structlog.get_logger(__name__)


class Driver(Protocol):
    """Whoever has the workers of this deployment."""

    def workers(self, pool: WorkerPool) -> int:
        """How many are wanted now. Raises Failure."""

    def scale(self, size: Size, workers: int) -> None:
        """Makes it so many, without waiting for them. Raises Failure."""

    def tend(self) -> None:
        """Looks after the workers; called about once a second."""

    def close(self) -> None:
        """Ends what must not go on without an autoscaler."""


class Autoscaler:
    """Decides for each pool; remembers when it changed it, and since when fewer are enough.

    A new autoscaler has seen nothing yet, so it takes no worker away for the first 300 s.

    measure: a pool's load, None when it is missing or old; now: a clock in seconds.
    """

    def __init__(
        self,
        sizes: Iterable[Size],
        driver: Driver,
        measure: Callable[[WorkerPool], Load | None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sizes = list(sizes)
        self.driver = driver
        self._measure = measure
        self._now = now
        self._changed_at: dict[str, float] = {}
        self._low_since: dict[str, float] = {}
        self._told: dict[str, Cause] = {}
        self._is_measurable = True

    def decisions(self) -> list[Decision]:
        """What is to be done about every pool; changes nothing. A pool whose driver does not answer
        is left out and logged."""
        found = []
        self._is_measurable = True
        for size in self.sizes:
            try:
                current = self.driver.workers(size.pool)
            except Failure as failure:
                log.error("scaling_failed", pool=size.pool.name, cause=failure.message)  # noqa: TRY400
                self._low_since.pop(size.pool.name, None)
                continue
            found.append(decide(size, self._load(size.pool), current, self._quiet(size.pool)))
        return found

    def act(self) -> bool:
        """Carries out the decisions; whatever changes is logged with its reasoning.

        Returns whether the driver answered for every pool.
        """
        decisions = self.decisions()
        answered = len(decisions) == len(self.sizes)
        for decision in decisions:
            self._tell(decision)
            metrics.WORKERS_WANTED.record(decision.wanted, Pool=decision.size.pool.name)
            if decision.low:
                self._low_since.setdefault(decision.size.pool.name, self._now())
            else:
                self._low_since.pop(decision.size.pool.name, None)
            if decision.changes:
                answered &= self._carry_out(decision)
        return answered

    def _carry_out(self, decision: Decision) -> bool:
        pool = decision.size.pool.name
        try:
            self.driver.scale(decision.size, decision.wanted)
        except Failure as failure:
            log.error("scaling_failed", pool=pool, cause=failure.message)  # noqa: TRY400
            return False
        self._changed_at[pool] = self._now()
        return True

    def _tell(self, decision: Decision) -> None:
        pool, cause = decision.size.pool.name, decision.cause
        if decision.changes:
            log.info("scaling", why=explain.text(decision), **explain.facts(decision))
        elif cause in TOLD and self._told.get(pool) != cause:
            log.warning("scaling_held", why=explain.text(decision), **explain.facts(decision))
        self._told[pool] = cause

    def _load(self, pool: WorkerPool) -> Load | None:
        """A database that does not answer is one more reason to leave the workers as they are.

        It is not asked for the other pools then: each would wait for it as long.
        """
        if not self._is_measurable:
            return None
        try:
            return self._measure(pool)
        except DatabaseError:
            log.exception("load_not_measured", pool=pool.name)
            self._is_measurable = False
            return None

    def _quiet(self, pool: WorkerPool) -> Quiet:
        now = self._now()
        changed = self._changed_at.get(pool.name, -math.inf)
        return Quiet(change=now - changed, low=now - self._low_since.get(pool.name, now))
