"""Runs the plain worker beside the same stand-ins and times it from outside."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import _cpu, _plain
from bench._deployment import Deployment
from bench._figures import moments
from local.product import PYTHON, ROOT

PROCESSES = 2
LOOK_EVERY = 0.2  # seconds


@dataclass(frozen=True)
class Answered:
    """When each of the peer's calls was answered, in seconds, and its CPU per title, in ms."""

    moments: list[float]
    cpu_ms: float


def enrich(deployment: Deployment, titles: int, in_flight: int, within: float) -> Answered:
    """Sends one task per title, then has the peer work them off. Raises TimeoutError."""
    app = _plain.application(deployment.published["common"]["AWS_ENDPOINT_URL"])
    for row in deployment.releases.titles(titles):
        app.send_task(_plain.TASK, args=(row,))
    with workers(deployment, in_flight) as pids:
        before = _cpu.seconds(pids)
        samples = list(_samples(deployment, titles, within))
        return Answered(moments(samples), 1000 * (_cpu.seconds(pids) - before) / titles)


def _samples(deployment: Deployment, titles: int, within: float) -> Iterator[tuple[float, int]]:
    """The moment and the answers so far, until all are there."""
    deadline = time.monotonic() + within
    answered = 0
    while answered < titles:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the peer got {answered} answers of {titles} within {within:.0f} s")
        answered = deployment.bedrock.answered()
        yield time.monotonic(), answered
        time.sleep(LOOK_EVERY)


@contextmanager
def workers(deployment: Deployment, in_flight: int) -> Iterator[list[int]]:
    """Processes that share so many threads; gives their ids."""
    threads = in_flight // PROCESSES
    running = [_start(deployment, threads, number) for number in range(PROCESSES)]
    try:
        yield [process.pid for process in running]
    finally:
        for process in running:
            process.kill()  # All is answered; a warm shutdown would wait for the open poll.
            process.wait()


def _start(deployment: Deployment, threads: int, number: int) -> subprocess.Popen[bytes]:
    command = [
        str(PYTHON), "-m", "celery", "--app=bench._plain", "worker", "--pool=threads",
        f"--concurrency={threads}", f"--hostname=plain-{number}", "--loglevel=WARNING",
    ]  # fmt: skip
    with (deployment.data / "plain.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=deployment.environment(), stdout=log, stderr=subprocess.STDOUT
        )
