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

CONSTANTS = ("BURST", "CUT", "CUT_EVERY", "LEAST_FACTOR", "RECOVERY", "POLL")
SCRIPT = "".join(f"local {name} = {getattr(numbers, name)}\n" for name in CONSTANTS)
SCRIPT += Path(__file__).with_name("script.lua").read_text(encoding="utf-8")

log = structlog.get_logger(__name__)


class Script:
    """The script on Redis, which is not asked while Redis does not answer."""

    def __init__(self, url: str) -> None:
        self._run = connect(url).register_script(SCRIPT)
        self._breaker = Breaker("limits")
        self._failed_at = -1.0

    def run(self, keys: Sequence[str], *arguments: str | float, since: float) -> Any:
        """What the script returns, or None without an answer, after 0.2 s at most.

        since: when the caller began to wait, by the monotonic clock; Redis is not asked again by
        whom an error has already cost time.
        """
        if self._failed_at >= since or not self._breaker.closed():
            return None
        try:
            answer = self._run(keys=keys, args=arguments)
        except redis.RedisError as error:
            self._failed_at = time.monotonic()
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

    def acquire(self, lease: str, tokens: int, seconds: float, since: float) -> Answer | None:
        """Asks for one call of so many tokens; None when Redis does not answer.

        seconds: after which the lease ends by itself.
        """
        quota, pool = self._quota, self._pool
        answer = self._script.run(
            self._keys, "acquire", quota.requests, quota.tokens, pool.floor, tokens,
            pool.permits, lease, seconds, since=since,
        )  # fmt: skip
        if answer is None:
            return None
        wait, lacks, factor = answer
        return Answer(float(wait), lacks.decode(), float(factor))

    def settle(self, lease: str, refund: int) -> None:
        """Ends a lease and gives tokens back; a negative refund charges them.

        Without Redis that is logged and forgotten, and the lease ends by its time.
        """
        if self._script.run(self._keys, "settle", lease, refund, since=time.monotonic()) is None:
            log.warning("lease_not_settled", pool=self._pool.name, refund=refund)

    def throttled(self) -> None:
        """Cuts the factor, unless that has just been done."""
        quota = self._quota
        arguments = ("throttled", quota.requests, quota.tokens)
        if self._script.run(self._keys, *arguments, since=time.monotonic()) is None:
            log.warning("throttle_not_shared", pool=self._pool.name)
