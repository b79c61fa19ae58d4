from __future__ import annotations

from datetime import UTC, datetime

import pytest

from enrichment.memory import MemoryStore
from enrichment.states import ENDED, OPEN, OUTSTANDING, RETRYABLE, TRANSITIONS, State

PAIRS = [(start, end) for start in State for end in State]
CHART = {
    ("pending", "queued"), ("pending", "cancelled"),
    ("queued", "running"), ("queued", "pending"), ("queued", "cancelled"),
    ("running", "pending"), ("running", "done"), ("running", "failed"), ("running", "refused"),
    ("running", "quarantined"),
    ("failed", "pending"), ("refused", "pending"), ("quarantined", "pending"),
    ("pending", "done"), ("failed", "done"), ("quarantined", "done"), ("done", "pending"),
}  # fmt: skip


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_an_item_moves_only_along_the_chart(start: State, end: State) -> None:
    store = MemoryStore(lambda: datetime.now(UTC))
    store.add(item=1, job=1, title="C1")
    row = store.rows[1]
    row.state = start
    if (start.value, end.value) in CHART:
        row.move(end)
        assert row.state == end
    else:
        with pytest.raises(ValueError, match="no way"):
            row.move(end)


def test_every_state_is_either_open_or_ended() -> None:
    assert OPEN | ENDED == set(State)
    assert not OPEN & ENDED
    assert OUTSTANDING < OPEN
    assert RETRYABLE < ENDED
    assert set(TRANSITIONS) == set(State)
