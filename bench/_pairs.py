"""One client of the limiter's script: acquires and settles as fast as it can."""

from __future__ import annotations

import os
import sys
import time

from bench._child import await_go, report
from mangaassist.limiter.quota import Quota
from mangaassist.limiter.shared import Script, SharedQuota
from mangaassist.pools import ENRICHMENT

TOKENS, REFUND, LEASE = 1_500, 500, 30.0
ENDLESS = Quota(1e6, 1e9)  # so that every call is admitted


def main() -> None:
    """Reports the microseconds of each pair, over as many seconds as the argument says."""
    seconds = float(sys.argv[1])
    quota = SharedQuota(Script(os.environ["REDIS_URL"]), "bench", ENRICHMENT, ENDLESS)
    pair(quota, 0)
    await_go()
    took, number, until = [], 0, time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        number += 1
        pair(quota, number)
        took.append(round(1e6 * (time.perf_counter() - begun)))
    report(took)


def pair(quota: SharedQuota, number: int) -> None:
    lease = f"{os.getpid()}:{number}"
    answer = quota.acquire(lease, TOKENS, LEASE, time.monotonic())
    if answer is None or answer.wait:
        raise RuntimeError(f"not admitted: {answer}")
    quota.settle(lease, REFUND)


if __name__ == "__main__":
    main()
