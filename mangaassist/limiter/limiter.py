"""Lets calls through: by the quota that all processes share, or without Redis by a share of it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

from django.conf import settings

from mangaassist import activity, metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import Misconfigured, Rejected, Throttled
from mangaassist.limiter.line import Line
from mangaassist.limiter.local import LocalShare
from mangaassist.limiter.permits import Permit
from mangaassist.limiter.quota import Answer, Quota, quota_of
from mangaassist.limiter.shared import Script, SharedQuota, script_at
from mangaassist.metrics.registry import Metric
from mangaassist.pools import Pool

JITTER = 0.2  # of a wait, so that the first of several processes do not ask in step
LOCAL_QUOTA = 0.5  # of the quota, for all processes together while each is by itself


@contextmanager
def permit(
    model_id: str, pool: Pool, tokens: int, *,
    lease: float, patience: float, hasty: bool = False,
) -> Iterator[Permit]:  # fmt: skip
    """Leave for the one call in the block.

    tokens: what Bedrock reserves at its start; lease: seconds after which a killed process's permit
    is free again; patience: seconds to wait for the quota, after the permit of the process; hasty:
    whether they are for both together. Raises Throttled `limiter_busy` before the block when that
    is not enough. A block that does not settle used nothing if Bedrock refused the call, and
    otherwise all that was reserved.
    """
    limiter, turn = limiter_of(model_id, pool), Deadline(patience)
    with activity.permits.held(patience if hasty else None) as is_held:
        if not is_held:
            raise limiter.busy("a permit of their process", patience)
        granted = limiter.admit(tokens, lease, turn.left() if hasty else patience)
        try:
            with activity.permits.used():
                yield granted
        except Throttled:
            granted.throttled()
            raise
        except (Rejected, Misconfigured):
            granted.settle(0)
            raise
        finally:
            granted.settle(tokens)


@cache
def limiter_of(model_id: str, pool: Pool) -> Limiter:
    """The one limiter of this process for a model and a pool."""
    return Limiter(model_id, pool, quota_of(model_id), script_at(settings.REDIS_URL))


class Limiter:
    """Admits the calls of one pool to one model, in the order in which they ask."""

    def __init__(self, model_id: str, pool: Pool, quota: Quota, script: Script) -> None:
        """Raises ValueError for a pool that may not ask a model."""
        if not pool.asks_model:
            raise ValueError(f"The pool {pool.name} may not call a model.")
        self._model_id = model_id
        self._pool = pool
        self._quota = quota
        self._shared = SharedQuota(script, model_id, pool, quota)
        self._local = LocalShare()
        self._line = Line()

    def admit(self, tokens: int, lease: float, patience: float) -> Permit:
        """Waits, gently, until one call of so many tokens may go.

        lease, patience: seconds. Raises Throttled `limiter_busy`, at once when the wait would be
        longer than the patience.
        """
        joined = time.monotonic()
        lacks, wait = "an earlier call's turn", 0.0
        with self._line.place(patience) as is_first:
            while is_first:
                granted, answer = self._ask(tokens, lease)
                if not answer.wait:
                    self._record(metrics.LIMITER_WAIT, 1000 * (time.monotonic() - joined))
                    return granted
                lacks, wait = answer.lacks, answer.wait * (1 + JITTER * random.random())
                if time.monotonic() + wait > joined + patience:
                    break
                time.sleep(wait)
        raise self.busy(lacks, patience, wait)

    def busy(self, lacks: str, patience: float, wait: float = 0.0) -> Throttled:
        """Counts a refusal, and says what it waited for. wait: seconds to stay away."""
        self._record(metrics.LIMITER_REFUSALS)
        message = f"{self._pool.name} calls of {self._model_id} wait for {lacks}"
        return Throttled("limiter_busy", f"{message}, longer than {patience:g} s.", wait)

    def _ask(self, tokens: int, lease: float) -> tuple[Permit, Answer]:
        name = uuid4().hex
        answer = self._shared.acquire(name, tokens, lease)
        source: SharedQuota | LocalShare = self._shared if answer else self._local
        metrics.LIMITER_DEGRADED.record(0 if answer else 1, Worker=activity.WORKER)
        if answer is None:
            answer = self._local.acquire(tokens, self._own_quota())
        metrics.LIMITER_FACTOR.record(answer.factor, ModelId=self._model_id)
        return Permit(source, name, tokens), answer

    def _own_quota(self) -> Quota:
        """What this process may use by itself: by the permits that it has of its pool."""
        part = activity.permits.limit / self._pool.permits
        return self._quota.part(LOCAL_QUOTA * self._pool.share * part)

    def _record(self, metric: Metric, value: float = 1) -> None:
        metric.record(value, ModelId=self._model_id, Pool=self._pool.name)
