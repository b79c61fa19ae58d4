"""A blocked pool: who says so, who hears it, who passes."""

from __future__ import annotations

import logging

import pytest

from mangaassist.blocking import FRESH, Gate, block, unblock
from mangaassist.errors import Misconfigured
from mangaassist.models import PoolState

pytestmark = pytest.mark.django_db

POOL = "enrichment"
DENIED = Misconfigured("AccessDeniedException", "Allow dynamodb:UpdateItem.")
MISSING = Misconfigured("ResourceNotFoundException", "Create the table.")


@pytest.fixture
def gate() -> Gate:
    return Gate(POOL)


def look_again(gate: Gate) -> None:
    """A second passes."""
    gate.read_at -= FRESH


def test_a_pool_without_a_row_is_open(gate: Gate) -> None:
    assert not gate.closed_for(1)


def test_the_first_block_is_critical_and_keeps_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    block(POOL, DENIED)
    state = PoolState.objects.get()
    assert state.blocked_at
    assert state.probe_at
    assert (state.code, state.message) == (DENIED.code, DENIED.message)
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]


def test_another_block_changes_the_reason_and_rings_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    block(POOL, DENIED)
    before = PoolState.objects.get()
    block(POOL, MISSING)
    after = PoolState.objects.get()
    assert (after.code, after.blocked_at, after.probe_at) == (
        MISSING.code, before.blocked_at, before.probe_at,
    )  # fmt: skip
    assert len(caplog.records) == 1


def test_an_open_pool_forgets_why_it_was_blocked() -> None:
    block(POOL, DENIED)
    unblock(POOL)
    state = PoolState.objects.get()
    assert (state.blocked_at, state.code, state.message, state.probe_at) == (None, "", "", None)


def test_opening_an_open_pool_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    PoolState.objects.create(pool=POOL)
    unblock(POOL)
    assert caplog.records == []


def test_a_blocked_pool_lets_only_its_probe_through(gate: Gate) -> None:
    block(POOL, DENIED)
    PoolState.objects.update(probe_item=7)
    assert [gate.closed_for(item) for item in (6, 7, 8)] == [True, False, True]


def test_a_worker_hears_of_a_block_within_a_second(gate: Gate) -> None:
    assert not gate.closed_for(1)
    block(POOL, DENIED)
    look_again(gate)
    assert gate.closed_for(1)


def test_a_worker_hears_of_a_new_probe_at_once(gate: Gate) -> None:
    block(POOL, DENIED)
    assert gate.closed_for(1)
    PoolState.objects.update(probe_item=1)
    assert not gate.closed_for(1)


def test_a_worker_hears_of_the_opening_at_once(gate: Gate) -> None:
    block(POOL, DENIED)
    assert gate.closed_for(1)
    unblock(POOL)
    assert not gate.closed_for(1)


def test_another_pools_block_is_none_of_its_business(gate: Gate) -> None:
    block("moderation", DENIED)
    assert not gate.closed_for(1)
