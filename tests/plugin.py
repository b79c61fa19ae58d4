"""Starts the stack before Django reads its settings: loaded with `-p`, earlier than a conftest."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.stack import Launcher, Stack

STACK = pytest.StashKey[Stack]()
# Left over from a developer's shell, these would win over the keys of the stack.
QUICKLY = {"POLL_SECONDS": "1"}  # A worker that is asked to stop ends its poll first.
FOREIGN_VARIABLES = ("AWS_PROFILE", "AWS_SESSION_TOKEN")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    if options.collectonly or options.help or options.version:
        return
    stack = _running_stack() or _own_stack(early_config)
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(stack.environment("admin"), VAR_DIR=str(stack.data / "var"), **QUICKLY)
    early_config.stash[STACK] = stack


def _running_stack() -> Stack | None:
    """The one a developer keeps running for fast test runs."""
    data = os.environ.get("MANGA_TEST_STACK")
    return Stack(Path(data).resolve()) if data else None


def _own_stack(config: pytest.Config) -> Stack:
    folder = tempfile.TemporaryDirectory(prefix="manga-tests-")
    config.add_cleanup(folder.cleanup)
    data = Path(folder.name)
    data.chmod(0o711)  # PostgreSQL may run as another user and must get through.
    launcher = Launcher(data)
    config.add_cleanup(launcher.stop)
    return launcher.wait_until_ready()
