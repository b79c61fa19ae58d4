"""The stack of local stand-ins as tests see it: started once, or kept running by a developer."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import published
from local.service import ending_with_parent

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-local" / "bin" / "python"


QUICKLY = ("--bedrock-speed", "100")


class StackFailed(Exception):
    """The launcher ended; the message is what it printed."""


@dataclass(frozen=True)
class Stack:
    """A running stack, read from the env.json of its data folder."""

    data: Path

    @property
    def common(self) -> dict[str, str]:
        """Addresses, which every process needs."""
        return dict(self._document["common"])

    @property
    def admin(self) -> dict[str, str]:
        """Keys that no policy binds."""
        return dict(self._document["admin"])

    @property
    def roles(self) -> dict[str, dict[str, str]]:
        """Keys of each IAM role, as far as `make_identities` has made them."""
        return dict(self._document["roles"])

    @property
    def pids(self) -> dict[str, int]:
        return {name: service["pid"] for name, service in self._document["services"].items()}

    @property
    def ports(self) -> dict[str, int]:
        return {name: service["port"] for name, service in self._document["services"].items()}

    @property
    def simulator_url(self) -> str:
        return self.common["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"]

    def environment(self, role: str) -> dict[str, str]:
        """Variables of a process that runs as an IAM role, or as `admin`. Raises KeyError."""
        return published.environment_of(self._document, role)

    def make_identities(self) -> list[str]:
        """Gives every IAM role that exists now its key; returns the role names."""
        return run_local("identities", "--data", str(self.data)).split()

    @property
    def _document(self) -> dict[str, Any]:
        return published.read(self.data)


class Launcher:
    """A launcher process on free ports; it ends with the test run, whatever happens to that."""

    def __init__(self, data: Path, *prefix: str) -> None:
        """Starts it, behind the words of `prefix`; `wait_until_ready` returns its stack."""
        self.data = data
        self.output: list[str] = []
        self.process = subprocess.Popen(
            [*prefix, PYTHON, "-m", "local", "up", "--data", data, "--free-ports", *QUICKLY],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=ending_with_parent(),
        )

    def wait_until_ready(self) -> Stack:
        """Raises StackFailed when the launcher ends instead."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.output.append(line)
            if line.startswith("READY") and line.endswith("env.json\n"):
                return Stack(self.data)
        self.wait()
        raise StackFailed("".join(self.output))

    def wait(self) -> int:
        """Waits for its end and returns its exit code; `output` is then complete."""
        with self.process:
            assert self.process.stdout
            self.output.extend(self.process.stdout)
        return self.process.returncode

    def stop(self) -> None:
        """Asks it to end and waits for it."""
        self.process.terminate()
        self.wait()


def run_local(*arguments: str) -> str:
    """Runs `python -m local …` and returns what it printed. Raises CalledProcessError."""
    return subprocess.run(
        [PYTHON, "-m", "local", *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
