"""Processes of the product on the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
LONGEST_WAIT = 90.0  # seconds for anything that a process does, also on a busy machine


@contextmanager
def manage(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A management command; its messages are in `stderr`. The test needs real transactions.

    Waits for its end, and kills it when the test fails or the end takes too long.
    """
    with subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=os.environ | {"DATABASE_URL": database_url()},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
            process.wait(LONGEST_WAIT)
        finally:
            process.kill()


def wait(reached: Callable[[], bool]) -> None:
    """Looks until something is so; fails when that takes too long."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def database_url() -> str:
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
