"""An AWS account for tests of enrichment, and a worker's gate that has seen nothing yet."""

from __future__ import annotations

import pytest

from enrichment import enrich
from mangaassist.blocking import Gate
from mangaassist.pools import ENRICHMENT
from tests.mangaassist.conftest import account, provisioned

__all__ = ["account", "provisioned"]


@pytest.fixture
def new_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has just started and trusts nothing it read earlier."""
    monkeypatch.setattr(enrich, "gate", Gate(ENRICHMENT.name))
