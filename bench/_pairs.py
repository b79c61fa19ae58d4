"""One client of the limiter's script: acquires and settles as fast as it can."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import count

from bench._child import await_go, report
from mangaassist.limiter.quota import Quota
from mangaassist.limiter.shared import Script, SharedQuota
from mangaassist.pools import ENRICHMENT

TOKENS, REFUND, LEASE = 1_500, 500, 30.0
ENDLESS = Quota(1e6, 1e9)  # so that every call is admitted


def main() -> None:
    """Reports the microseconds of each pair, by rounds of a second; the argument is how many."""
    quota = SharedQuota(Script(os.environ["REDIS_URL"]), "bench", ENRICHMENT, ENDLESS)
    pair(quota, "first")
    await_go()
    begun, rounds = time.perf_counter(), []
    for number in range(int(sys.argv[1])):
        rounds.append(list(pairs(quota, number, begun + number + 1)))
    report(rounds)


def pairs(quota: SharedQuota, number: int, until: float) -> Iterator[int]:
    for name in count():
        begun = time.perf_counter()
        if begun > until:
            return
        pair(quota, f"{number}:{name}")
        yield round(1e6 * (time.perf_counter() - begun))


def pair(quota: SharedQuota, name: str) -> None:
    lease = f"{os.getpid()}:{name}"
    answer = quota.acquire(lease, TOKENS, LEASE)
    if answer is None or answer.wait:
        raise RuntimeError(f"not admitted: {answer}")
    quota.settle(lease, REFUND)


if __name__ == "__main__":
    main()
