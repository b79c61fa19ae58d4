"""Fixtures that every test may use: the running stack and the Bedrock simulator in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.plugin import STACK
from tests.simulator import Simulator
from tests.stack import Stack

# Continuous integration tries the same examples each time; developers' machines look for new ones.
settings.register_profile("ci", derandomize=True)
if "CI" in os.environ:
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    """All stand-ins, running for the whole session."""
    return pytestconfig.stash[STACK]


@pytest.fixture
def simulator(stack: Stack) -> Iterator[Simulator]:
    """The Bedrock simulator without faults, quotas, set latencies or counts, before and after."""
    simulator = Simulator(stack.simulator_url)
    simulator.reset()
    yield simulator
    simulator.reset()
