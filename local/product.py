"""Runs the product's services of docker-compose.yml as processes beside the stand-ins.

Commands and environment are those of the file, addresses those of the stack, and each process has
no keys but its role's.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from local import compose, identities, published
from local.service import ending_with_parent

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
LOCAL_PYTHON = ROOT / ".venv-local" / "bin" / "python"
WEB = "web"
KEEPER = "keeper"
WORKER = "enrichment"
MAINTENANCE = "maintenance"
MIGRATE = "migrate"
PROVISION = "provision"


class Product:
    """The product's processes on one running stack.

    settings: extra environment of every process, such as the model to use. Services go by their
    names in the file; values of its variables, such as ENRICHMENT_SLOTS, may come with a call.
    """

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.settings = dict(settings or {})
        self.running: list[subprocess.Popen[bytes]] = []

    def prepare(self) -> None:
        """Makes tables, queues, roles and keys; what is there stays. Raises CalledProcessError."""
        self.run(MIGRATE)
        self.run(PROVISION)
        identities.refresh(self.data)

    def run(self, name: str) -> None:
        """Runs a service that ends by itself. Raises CalledProcessError."""
        service = self._service(name)
        environment = self._environment(service)
        subprocess.run(_here(service.command), cwd=ROOT, env=environment, check=True)

    def manage(self, name: str, *arguments: str, check: bool = True) -> int:
        """Runs a management command as a service to its end and returns its exit status."""
        command = [str(PYTHON), str(ROOT / "manage.py"), *arguments]
        environment = self._environment(self._service(name))
        return subprocess.run(command, env=environment, check=check).returncode

    def start(self, name: str, log_name: str, **values: str) -> subprocess.Popen[bytes]:
        """Starts a service that writes to LOG_NAME.log and ends with this process."""
        service = self._service(name, **values)
        with (self.data / f"{log_name}.log").open("ab") as log:
            process = subprocess.Popen(
                _here(service.command),
                cwd=ROOT,
                env=self._environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ending_with_parent(),
            )
        self.running.append(process)
        return process

    def probe(self, name: str, **values: str) -> subprocess.CompletedProcess[bytes]:
        """Runs the health check of a service; exit status 0 means that it is well."""
        service = self._service(name, **values)
        return subprocess.run(
            _here(service.healthcheck),
            cwd=ROOT, env=self._environment(service), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip

    def start_keeper(self, number: int = 1) -> subprocess.Popen[bytes]:
        return self.start(KEEPER, f"keeper-{number}")

    def start_worker(
        self, slots: int, number: int = 1, parallel: int | None = None
    ) -> subprocess.Popen[bytes]:
        """parallel: calls at a time in one slot; None for as many as the pool has."""
        values = {} if parallel is None else {"ENRICHMENT_PARALLEL": str(parallel)}
        return self.start(WORKER, f"worker-{number}", ENRICHMENT_SLOTS=str(slots), **values)

    def start_maintenance(self) -> subprocess.Popen[bytes]:
        return self.start(MAINTENANCE, "maintenance")

    def start_web(self, port: int) -> subprocess.Popen[bytes]:
        return self.start(WEB, "web", WEB_PORT=str(port), WEB_HOST="127.0.0.1")

    def dead(self) -> list[int]:
        """Exit statuses of processes that ended by themselves."""
        return [process.returncode for process in self.running if process.poll() is not None]

    def stop(self) -> list[int]:
        """Asks every process to finish, kills what stays too long; returns their exit statuses."""
        for process in self.running:
            process.terminate()
        deadline = time.monotonic() + self._service(WORKER).stop_within
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

    def _service(self, name: str, **values: str) -> compose.Service:
        """With the addresses of this stack; only the set-up is given the root keys among them."""
        stack = published.environment_of(published.read(self.data), "admin")
        return compose.local_service(name, **(_inherited() | stack | self.settings | values))

    def _environment(self, service: compose.Service) -> dict[str, str]:
        folders = {
            "VAR_DIR": str(self.data / "var"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.data / identities.CREDENTIALS),
            "AWS_CONFIG_FILE": str(self.data / "no-config"),
        }
        return _inherited() | service.environment | folders | self.settings


def _inherited() -> dict[str, str]:
    foreign = ("AWS_", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _here(words: list[str]) -> list[str]:
    """A command of a container with the interpreter of this machine."""
    program, *arguments = words
    if program != "python":
        raise compose.Unsupported(f"{program}: the product's services start with python")
    return [str(PYTHON), *arguments]


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
