"""A web process of a test, on the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys

from local import ports
from tests.processes import ROOT, database_url


class Web:
    """A web process as docker-compose.yml starts it.

    settings: more of its environment. It can be started again, at the same port.
    """

    def __init__(self, **settings: str) -> None:
        self.port = ports.free()
        self.settings = settings
        self.start()

    def start(self) -> None:
        command = [
            sys.executable, "-m", "uvicorn", "mangaassist.asgi:application",
            f"--port={self.port}", "--log-level=warning", "--ws=websockets-sansio",
        ]  # fmt: skip
        environment = os.environ | {"DATABASE_URL": database_url(), "CHAT_RATE": "600/100"}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment | self.settings, stderr=subprocess.DEVNULL
        )

    def is_served(self) -> bool:
        return not ports.is_free(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
