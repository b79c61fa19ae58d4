"""Runs MangaAssist's own processes beside the stand-ins, each with no keys but its role's."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from local import identities, published
from local.service import ending_with_parent

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
LOCAL_PYTHON = ROOT / ".venv-local" / "bin" / "python"
WEB = "manga-web"
KEEPER = "manga-keeper"
WORKER = "manga-enrichment-worker"
MAINTENANCE = "manga-maintenance-worker"
STOP_WITHIN = 60.0  # seconds; a worker finishes what it runs


class Product:
    """The product's processes on one running stack.

    settings: extra environment of every process, such as the model to use.
    """

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.settings = dict(settings or {})
        self.running: list[subprocess.Popen[bytes]] = []

    def prepare(self) -> None:
        """Makes tables, queues, roles and keys; what is there stays. Raises CalledProcessError."""
        self.manage("admin", "migrate", "--verbosity=0")
        self.manage("admin", "provision")
        identities.refresh(self.data)

    def manage(self, identity: str, *arguments: str, check: bool = True) -> int:
        """Runs a management command to its end and returns its exit status."""
        command = [str(PYTHON), str(ROOT / "manage.py"), *arguments]
        return subprocess.run(command, env=self._environment(identity), check=check).returncode

    def start(self, name: str, identity: str, *command: str | Path) -> subprocess.Popen[bytes]:
        """Starts a process that writes to NAME.log and ends with this one."""
        with (self.data / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment(identity),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ending_with_parent(),
            )
        self.running.append(process)
        return process

    def start_keeper(self, number: int = 1) -> subprocess.Popen[bytes]:
        return self.start(f"keeper-{number}", KEEPER, PYTHON, ROOT / "manage.py", "keeper")

    def start_worker(self, slots: int, number: int = 1) -> subprocess.Popen[bytes]:
        command = (PYTHON, ROOT / "manage.py", "worker", "enrichment", f"--slots={slots}")
        return self.start(f"worker-{number}", WORKER, *command)

    def start_maintenance(self) -> subprocess.Popen[bytes]:
        command = (PYTHON, ROOT / "manage.py", "worker", "maintenance")
        return self.start("maintenance", MAINTENANCE, *command)

    def start_web(self, port: int) -> subprocess.Popen[bytes]:
        uvicorn = (PYTHON, "-m", "uvicorn", "mangaassist.asgi:application")
        return self.start("web", WEB, *uvicorn, f"--port={port}", "--log-level=warning")

    def dead(self) -> list[int]:
        """Exit statuses of processes that ended by themselves."""
        return [process.returncode for process in self.running if process.poll() is not None]

    def stop(self) -> list[int]:
        """Asks every process to finish, kills what stays too long; returns their exit statuses."""
        for process in self.running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for process in self.running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return [process.returncode for process in self.running]

    def staff_password(self) -> str:
        """The password of the user `staff`, who is made at the first call."""
        kept = self.data / "staff-password"
        if not kept.exists():
            password = secrets.token_urlsafe(9)
            self.settings["DJANGO_SUPERUSER_PASSWORD"] = password
            user = ("--username=staff", "--email=staff@localhost")
            self.manage(WEB, "createsuperuser", "--noinput", "--verbosity=0", *user)
            del self.settings["DJANGO_SUPERUSER_PASSWORD"]
            kept.write_text(password)
            kept.chmod(0o600)
        return kept.read_text()

    def _environment(self, identity: str) -> dict[str, str]:
        foreign = ("AWS_", "DJANGO_")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)
        }
        addresses = published.environment_of(published.read(self.data), identity)
        return inherited | addresses | {"VAR_DIR": str(self.data / "var")} | self.settings


def start_stack(data: Path, *options: str) -> subprocess.Popen[str]:
    """Starts the stand-ins in a launcher of their own; returns when they serve.

    Raises RuntimeError with what the launcher printed when it ends instead.
    """
    launcher = subprocess.Popen(
        [str(LOCAL_PYTHON), "-m", "local", "up", "--data", str(data), *options],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True, preexec_fn=ending_with_parent(),
    )  # fmt: skip
    printed = []
    for line in cast("IO[str]", launcher.stdout):
        printed.append(line)
        if line.rstrip().endswith("env.json"):
            return launcher
    raise RuntimeError("".join(printed))
