"""The quota as all processes share it, on Redis."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import redis
import structlog

from mangaassist.limiter import quota as numbers
from mangaassist.limiter.quota import Answer, Quota
from mangaassist.pools import Pool
from mangaassist.rates import Breaker, connect
from mangaassist.redis_script import RedisScript

CONSTANTS = ("BURST", "CUT", "CUT_EVERY", "LEAST_FACTOR", "RECOVERY", "POLL")
SCRIPT = "".join(f"local {name} = {getattr(numbers, name)}\n" for name in CONSTANTS)
SCRIPT += Path(__file__).with_name("script.lua").read_text(encoding="utf-8")

REST = 0.5  # seconds after an error; so a call loses one time-out to a silent Redis, not several

log = structlog.get_logger(__name__)


class Script:
    """The script on Redis, which is not run while Redis does not answer."""

    def __init__(self, url: str) -> None:
        self._script = RedisScript(connect(url), SCRIPT)
        self._breaker = Breaker("limits")
        self._rests_until = 0.0

    @property
    def rests(self) -> bool:
        """Whether an error is so recent that whoever is waiting should not wait for another."""
        return time.monotonic() < self._rests_until

    def run(self, keys: Sequence[str], *arguments: str | float) -> Any:
        """What the script returns, or None without an answer, after 0.2 s at most."""
        if not self._breaker.closed():
            return None
        try:
            answer = self._script.run(keys, arguments)
        except redis.RedisError as error:
            self._rests_until = time.monotonic() + REST
            self._breaker.failed(error)
            return None
        self._breaker.succeeded()
        return answer


@cache
def script_at(url: str) -> Script:
    """The one script of this process."""
    return Script(url)


class SharedQuota:
    """The quota of one model as one pool may use it."""

    def __init__(self, script: Script, model_id: str, pool: Pool, quota: Quota) -> None:
        self._script = script
        self._pool = pool
        self._quota = quota
        # The braces keep all keys of a model on one node of a cluster.
        name = f"{{bedrock:{model_id}}}"
        self._keys = (f"{name}:state", f"{name}:permits:{pool.name}")

    def acquire(self, lease: str, tokens: int, seconds: float) -> Answer | None:
        """Asks for one call of so many tokens; None when Redis does not answer.

        seconds: after which the lease ends by itself.
        """
        if self._script.rests:
            return None
        quota, pool = self._quota, self._pool
        answer = self._script.run(
            self._keys, "acquire", quota.requests, quota.tokens, pool.floor, tokens,
            pool.permits, lease, seconds,
        )  # fmt: skip
        if answer is None:
            return None
        wait, lacks, factor = answer
        return Answer(float(wait), lacks.decode(), float(factor))

    def settle(self, lease: str, refund: int) -> None:
        """Ends a lease and gives tokens back; a negative refund charges them.

        Without Redis that is logged and forgotten; the lease then ends by itself.
        """
        if self._script.run(self._keys, "settle", lease, refund) is None:
            log.warning("lease_not_settled", pool=self._pool.name, refund=refund)

    def throttled(self) -> None:
        """Cuts the factor, unless that has just been done."""
        if self._script.run(self._keys, "throttled", self._quota.tokens) is None:
            log.warning("throttle_not_shared", pool=self._pool.name)
