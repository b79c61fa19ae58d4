"""An API without rate limits, unless a test sets one; a client of each role."""

from __future__ import annotations

from typing import Any

import pytest

from tests.enrichment.api.clients import Client
from tests.enrichment.factories import live_keeper


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, (60_000, 10_000))


@pytest.fixture(autouse=True)
def keeper(db: None) -> None:
    """A keeper is alive, so that only workers are wanting."""
    live_keeper()


@pytest.fixture
def editor(db: None) -> Client:
    return Client("editor")


@pytest.fixture
def viewer(db: None) -> Client:
    return Client("viewer")


@pytest.fixture
def operator(db: None) -> Client:
    return Client("operator")
