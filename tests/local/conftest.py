"""Fixtures for tests that run launchers of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack import Launcher

Launch = Callable[..., Launcher]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that PostgreSQL reaches under another account, unlike pytest's own folders."""
    with tempfile.TemporaryDirectory(prefix="manga-launcher-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


@pytest.fixture
def launch(data: Path) -> Iterator[Launch]:
    """Starts a launcher on `data`; whatever still runs at the end of the test is stopped."""
    launchers: list[Launcher] = []

    def start(*prefix: str) -> Launcher:
        launchers.append(Launcher(data, *prefix))
        return launchers[-1]

    yield start
    for launcher in launchers:
        if launcher.process.returncode is None:
            launcher.stop()
