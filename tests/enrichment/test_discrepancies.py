"""Item and catalogue row of one title, side by side."""

from __future__ import annotations

from typing import Any

import pytest

from enrichment.discrepancies import judge, wrote
from enrichment.findings import Discrepancy
from enrichment.states import State

KINDS = ("synopsis", "tags")


def row(**writers: int) -> dict[str, Any]:
    return {"enrichment": {kind: {"item": writer} for kind, writer in writers.items()}}


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.QUARANTINED])
def test_what_an_item_wrote_although_it_is_not_done_is_a_lost_status(state: State) -> None:
    assert judge(5, state, KINDS, row(synopsis=5, tags=5)) == Discrepancy.LOST_STATUS


@pytest.mark.parametrize("found", [None, {}, row(synopsis=5), row(synopsis=5, tags=4)])
def test_a_done_item_that_the_row_does_not_show_is_a_lost_write(found: Any) -> None:
    assert judge(5, State.DONE, KINDS, found) == Discrepancy.LOST_WRITE


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State.DONE, row(synopsis=5, tags=5)),
        (State.DONE, row(synopsis=9, tags=5)),  # A newer item has written over it.
        (State.FAILED, None),
        (State.FAILED, row(synopsis=9, tags=9)),
        (State.RUNNING, row(synopsis=5, tags=5)),  # Its worker is about to say so.
        (State.REFUSED, row(synopsis=4, tags=4)),
    ],
)
def test_what_fits_together_is_no_discrepancy(state: State, found: Any) -> None:
    assert judge(5, state, KINDS, found) is None


@pytest.mark.parametrize(
    ("state", "found", "judgement"),
    [
        (State.DONE, {"describedBy": 5}, None),
        (State.DONE, {"describedBy": 9}, None),
        (State.DONE, row(synopsis=5), Discrepancy.LOST_WRITE),
        (State.FAILED, {"describedBy": 5}, Discrepancy.LOST_STATUS),
    ],
)
def test_an_item_without_texts_is_judged_by_the_description(
    state: State, found: Any, judgement: Discrepancy | None
) -> None:
    assert judge(5, state, (), found) == judgement


@pytest.mark.parametrize(
    "enrichment",
    [
        "猫",
        None,
        ["猫"],
        {"synopsis": "猫", "tags": "猫"},
        {"synopsis": {"item": "五"}, "tags": {}},
    ],
)
def test_old_texts_and_broken_rows_have_no_writer(enrichment: Any) -> None:
    assert not wrote(5, KINDS, {"enrichment": enrichment})
