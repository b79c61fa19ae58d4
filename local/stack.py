"""All stand-ins of one data folder: start in order, watch, stop in reverse order."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from local import postgres, published, service
from local.lock import Lock
from local.ministack import REGION, ROOT, MiniStack
from local.postgres import Postgres
from local.program import Program
from local.search import OpenSearch
from local.service import Service
from local.simulator import BedrockSimulator
from local.valkey import Valkey

WATCH_EVERY = 0.2  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The launcher was asked to stop."""


@dataclass(frozen=True)
class Options:
    """free_ports: never use the preferred ports. bedrock_speed: divides the models' latencies."""

    free_ports: bool = False
    bedrock_speed: float = 1.0


def run(data: Path, options: Options) -> None:
    """Runs the stack until a stop signal comes. Raises Locked or ServiceFailed."""
    _make_folders(data)
    lock = Lock(data / published.LOCK)
    lock.acquire()
    lock.write(os.getpid())
    Stack(data, options).run()


class Stack:
    """The services of one data folder, which the caller has locked."""

    def __init__(self, data: Path, options: Options) -> None:
        self.data = data
        self.options = options
        self.secrets = published.load_secrets(data)
        self.services: list[Service] = []

    def run(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, _interrupt)
        published.withdraw(self.data)
        try:
            published.publish(self.data, self._start())
            print(f"READY {self.data / 'env.json'}", flush=True)
            self._watch()
        except Interrupted:
            print("Stopping", flush=True)
        finally:
            _ignore_stop_signals()
            published.withdraw(self.data)
            self._stop()

    def _start(self) -> dict[str, Any]:
        """Starts everything and returns the document for env.json."""
        valkey = Valkey(self.data / "valkey")
        ministack = MiniStack(self.data / "ministack")
        bedrock = BedrockSimulator(self.data / "bedrock", speed=self.options.bedrock_speed)
        opensearch = OpenSearch(self.data / "opensearch")
        common = {
            "REDIS_URL": valkey.url(self._serve(valkey)),
            "DATABASE_URL": self._database_url(),
            "AWS_ENDPOINT_URL": ministack.url(self._serve(ministack)),
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url(self._serve(bedrock)),
            "OPENSEARCH_URL": opensearch.url(self._serve(opensearch)),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
        return {
            "common": common,
            "admin": ROOT,
            "roles": self.secrets.roles,
            "services": {
                running.name: {"port": running.port, "pid": running.pid, "log": str(running.log)}
                for running in self.services
            },
        }

    def _database_url(self) -> str:
        database = Postgres(
            self.data / "postgres",
            postgres.required_account(),
            password=self.secrets.postgres_password,
        )
        try:
            postgres.prepare(database)
        except postgres.Unusable as reason:
            print(
                f"WARNING: PostgreSQL cannot run here, so SQLite takes its place: {reason}",
                flush=True,
            )
            return f"sqlite:///{self.data / 'database.sqlite3'}"
        return database.url(self._serve(database))

    def _serve(self, program: Program) -> int:
        """Starts one program and returns its port."""
        begun = time.monotonic()
        if program.account is None:
            program.folder.mkdir(mode=0o700, exist_ok=True)
        running = service.start(program, free_port=self.options.free_ports)
        self.services.append(running)
        took = time.monotonic() - begun
        print(
            f"READY {running.name} port {running.port} pid {running.pid} in {took:.2f} s",
            flush=True,
        )
        return running.port

    def _watch(self) -> NoReturn:
        """Returns never; raises ServiceFailed when a service dies.

        It is not restarted: MiniStack would silently come back empty.
        """
        while True:
            for running in self.services:
                if not running.is_alive:
                    raise running.ended()
            time.sleep(WATCH_EVERY)

    def _stop(self) -> None:
        while self.services:
            stopped = self.services.pop()
            print(f"stopped {stopped.name}, code {stopped.stop()}", flush=True)


def _make_folders(data: Path) -> None:
    # PostgreSQL under another account must be able to walk through the folder, not to list it.
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    (data / "tmp").mkdir(mode=0o700, exist_ok=True)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _ignore_stop_signals()
    raise Interrupted(signal.Signals(number).name)


def _ignore_stop_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
