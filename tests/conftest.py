"""Fixtures that every test may use: the running stack and the Bedrock simulator in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import redis
from hypothesis import HealthCheck, settings

from tests.plugin import STACK
from tests.simulator import Simulator
from tests.stack import Stack

# Continuous integration tries the same examples each time; developers' machines look for new ones.
# Neither is ever too slow for a test.
settings.register_profile(
    "manga",
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("manga")


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    """All stand-ins, running for the whole session."""
    return pytestconfig.stash[STACK]


@pytest.fixture
def simulator(stack: Stack) -> Iterator[Simulator]:
    """The Bedrock simulator without faults, quotas, set latencies or counts, before and after.

    What the limiter has learned of earlier throttles is forgotten.
    """
    simulator = Simulator(stack.simulator_url)
    simulator.reset()
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        for key in valkey.scan_iter("{bedrock:*", count=10_000):
            valkey.delete(key)
    yield simulator
    simulator.reset()
