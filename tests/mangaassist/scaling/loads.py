"""Pools and loads as tests need them, each with the least that matters."""

from __future__ import annotations

import dataclasses
from typing import Any

from mangaassist.pools import ENRICHMENT
from mangaassist.scaling.plan import Load, Quiet, Size

IDLE = Load(
    arrivals=0, backlog=0, ended=60, seconds=2, oldest=0, visible=0, living=1, blocked=False,
    quota=None,
)  # fmt: skip
CALM = Quiet(change=float("inf"), low=3_600)
# The runbook's consumers: 25 calls at a time, one in each worker.
ONE_CALL_EACH = dataclasses.replace(ENRICHMENT, parallel=1)


def load(**measured: Any) -> Load:
    return dataclasses.replace(IDLE, **measured)


def size(slots: int = 1, least: int = 1, most: int = 25) -> Size:
    return Size(ONE_CALL_EACH, slots, least, most)
