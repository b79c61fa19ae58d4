"""Strangers are let be, unless a test counts them: all tests have one address."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def unlimited_strangers(settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "stranger": (60_000, 10_000)}
