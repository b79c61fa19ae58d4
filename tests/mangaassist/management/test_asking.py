"""Commands whose database does not answer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.processes import ROOT


@pytest.mark.parametrize(
    "command", [["alive", "keeper"], ["alarms"], ["autoscale", "--dry-run"], ["capacity"]]
)
def test_without_its_database_a_command_fails_in_one_line(command: list[str]) -> None:
    asked = subprocess.run(
        [sys.executable, ROOT / "manage.py", *command],
        env=os.environ | {"DATABASE_URL": "sqlite:////nowhere/database.sqlite3"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 1
    assert asked.stderr.startswith("CommandError: The database cannot be asked: ")
    assert len(asked.stderr.splitlines()) == 1
