"""Processes that a bench steers: ready, go, and at the end one JSON document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any, cast

from local.product import PYTHON, ROOT
from local.service import ending_with_parent

READY = "READY\n"


class Child:
    """A module of the benches in a process of its own."""

    def __init__(self, environment: Mapping[str, str], module: str, *arguments: str) -> None:
        """Starts it; `go` waits until it is ready."""
        self._process = subprocess.Popen(
            [str(PYTHON), "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=ending_with_parent(),
        )
        self._input = cast("IO[str]", self._process.stdin)
        self._output = cast("IO[str]", self._process.stdout)

    def await_ready(self) -> None:
        """Raises RuntimeError when it ends instead."""
        if self._output.readline() != READY:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")

    def go(self) -> None:
        self._input.write("\n")
        self._input.flush()

    def end(self) -> Any:
        """Asks it to finish and returns what it reports."""
        self._input.close()
        document = json.loads(self._output.read())
        self._process.wait()
        return document


def await_go() -> None:
    """For the child: says that it is ready and waits."""
    sys.stdout.write(READY)
    sys.stdout.flush()
    sys.stdin.readline()


def await_end() -> None:
    """For the child: waits until its parent wants the report."""
    sys.stdin.read()


def report(document: Any) -> None:
    """For the child: reports and ends at once, whatever its threads are waiting for."""
    json.dump(document, sys.stdout)
    sys.stdout.flush()
    os._exit(0)
