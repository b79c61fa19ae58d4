"""What other processes learn about a running stack."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from local import published
from tests.stack import Stack, run_local


def test_a_shell_can_read_the_environment_of_an_identity(stack: Stack) -> None:
    exports = run_local("env", "--data", str(stack.data))
    shell = subprocess.run(
        ["/bin/sh", "-c", f"eval {shlex.quote(exports)} && env"],
        check=True,
        capture_output=True,
        text=True,
        env={},
    )
    expected = {f"{name}={value}" for name, value in stack.environment("admin").items()}
    assert expected <= set(shell.stdout.splitlines())


def test_an_identity_without_keys_is_refused(stack: Stack) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_local("env", "--data", str(stack.data), "--role", "manga-nobody")


def test_a_file_left_by_a_killed_launcher_is_not_believed(tmp_path: Path) -> None:
    published.publish(tmp_path, {"common": {}, "admin": {}, "roles": {}, "services": {}})
    with pytest.raises(published.NotRunning):
        published.read(tmp_path)


def test_secrets_stay_the_same_between_runs(tmp_path: Path) -> None:
    assert published.load_secrets(tmp_path) == published.load_secrets(tmp_path)
