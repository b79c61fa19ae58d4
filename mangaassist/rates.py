"""How often somebody may do something: token buckets on Redis, and in this process without it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from mangaassist.redis_script import RedisScript

TIMEOUT = 0.2  # seconds for one word with Redis; a request waits for it
ERRORS_TO_OPEN = 3
OPEN_FOR = 10.0  # seconds without Redis after so many errors
CONNECTIONS = 1_000  # a thread more than that would fail instead of speaking to Redis
LOCAL_KEYS = 10_000  # the keys that this process remembers without Redis, the latest ones

# The same arithmetic as Bucket.take. A bucket that would be full again is forgotten.
TAKE = """
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local wait = 0
if tokens >= cost - 1e-6 then
  tokens = math.max(0, tokens - cost)
else
  wait = (cost - tokens) / rate
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens),
           'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1)
return string.format('%.17g', wait)
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bucket:
    """A token bucket.

    rate: tokens that flow in, per second; burst: tokens that it holds when full.
    """

    rate: float
    burst: float

    def take(self, tokens: float, elapsed: float, cost: float) -> tuple[float, float]:
        """Takes `cost` from a bucket that held `tokens` so many seconds ago.

        Returns the tokens it holds now and the seconds to wait, 0.0 when the cost was taken.
        """
        tokens = min(self.burst, tokens + max(0.0, elapsed) * self.rate)
        if tokens >= cost - 1e-6:  # Whoever waited as told may be a rounding error short.
            return max(0.0, tokens - cost), 0.0
        return tokens, (cost - tokens) / self.rate


class RateLimiter:
    """A bucket for each key, shared by all processes while Redis answers."""

    def __init__(self, url: str, bucket: Bucket) -> None:
        self._bucket = bucket
        self._script = RedisScript(connect(url), TAKE)
        self._breaker = Breaker("rates")
        self._local = LocalBuckets(bucket)

    def take(self, key: str, cost: float = 1.0) -> float:
        """Seconds until the key may be used, 0.0 when it may be now and was charged.

        Raises ValueError for a cost that no wait could ever pay. Never fails for want of Redis: a
        call then takes at most 0.2 s, and the rate is held in each process by itself.
        """
        if cost > self._bucket.burst:
            raise ValueError(f"The cost {cost} is more than the bucket's {self._bucket.burst}.")
        if self._breaker.closed():
            try:
                arguments = [self._bucket.rate, self._bucket.burst, cost]
                wait = float(self._script.run([f"rate:{key}"], arguments))
            except redis.RedisError as error:
                self._breaker.failed(error)
            else:
                self._breaker.succeeded()
                return wait
        return self._local.take(key, cost)


class LocalBuckets:
    """A bucket for each of the latest keys, in this process alone."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = bucket
        self._clock = clock
        self._states: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, at
        self._lock = threading.Lock()

    def take(self, key: str, cost: float) -> float:
        with self._lock:
            now = self._clock()
            tokens, at = self._states.pop(key, (self._bucket.burst, now))
            tokens, wait = self._bucket.take(tokens, now - at, cost)
            self._states[key] = tokens, now
            if len(self._states) > LOCAL_KEYS:
                self._states.popitem(last=False)
            return wait


class Breaker:
    """Opens for a while after several errors in a row; then one call finds out.

    guards: what is local meanwhile, as the log calls it; open_for: seconds.
    """

    def __init__(
        self,
        guards: str,
        clock: Callable[[], float] = time.monotonic,
        open_for: float = OPEN_FOR,
    ) -> None:
        self._guards = guards
        self._open_for = open_for
        self._clock = clock
        self._errors = 0
        self._opens_until = 0.0
        self._lock = threading.Lock()

    def closed(self) -> bool:
        """Whether to try. An open breaker lets one caller through each time it has run out."""
        with self._lock:
            if self._errors < ERRORS_TO_OPEN:
                return True
            if self._clock() < self._opens_until:
                return False
            self._opens_until = self._clock() + self._open_for
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            self._errors += 1
            if self._errors == ERRORS_TO_OPEN:
                self._opens_until = self._clock() + self._open_for
                cause = f"{type(error).__name__}: {error}"
                log.warning("redis_is_gone", local=self._guards, error=cause)

    def succeeded(self) -> None:
        with self._lock:
            if self._errors >= ERRORS_TO_OPEN:
                log.info("redis_is_back", shared=self._guards)
            self._errors = 0


def connect(url: str) -> redis.Redis:
    """A client that would rather fail than wait: its defaults wait for seconds."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        max_connections=CONNECTIONS,
        retry=Retry(NoBackoff(), 0),
    )
