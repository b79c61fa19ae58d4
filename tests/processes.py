"""Processes of the product on the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def manage(*arguments: str | Path) -> subprocess.Popen[str]:
    """A management command; its messages are in `stderr`. The test needs real transactions."""
    return subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=os.environ | {"DATABASE_URL": database_url()},
        stderr=subprocess.PIPE,
        text=True,
    )


def database_url() -> str:
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
