"""Fixtures that every test may use: the running stack and the Bedrock simulator in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
import redis
from botocore.loaders import JSONFileLoader
from django.db.backends.postgresql.operations import DatabaseOperations
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


KEPT = ("django_content_type", "auth_permission")  # They follow from the code.


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    """All stand-ins, running for the whole session."""
    return pytestconfig.stash[STACK]


def deleting(operations: DatabaseOperations, _: Any, tables: Iterable[str], **__: Any) -> list[str]:
    """What empties tables for Django after a test that commits.

    TRUNCATE would make files anew for every table and index, most of which are empty, and wait for
    the disk. Like it, this waits for whoever still writes.
    """
    names = [operations.quote_name(table) for table in tables if table not in KEPT]
    deletes = [f"DELETE FROM {name}" for name in names]  # noqa: S608 - names of our own tables
    lock = f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE"
    return ["; ".join([lock, "SET LOCAL session_replication_role = replica", *deletes])]


@pytest.fixture(scope="session", autouse=True)
def emptied_by_deletes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", deleting)
        yield


@pytest.fixture(scope="session", autouse=True)
def models_read_once() -> Iterator[None]:
    """A new session of boto3, as each account of a test has one, would parse botocore's models."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


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
