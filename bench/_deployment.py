"""The product on a stack of its own: its processes, the jobs they do, and what those cost."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import _cpu
from bench._bedrock import Bedrock
from bench._releases import Releases
from local import published
from local.product import WEB, Product, start_stack
from mangaassist.pools import ENRICHMENT

LOOK_EVERY = 0.25  # seconds
START_WITHIN = 60.0  # seconds
PERMITS = "SELECT coalesce(sum(permits), 0) FROM mangaassist_workerbeat WHERE pool = %s"
SETTINGS = {"BEDROCK_QUOTA": "60000/60000000"}  # The simulator has none, so it must not bind.
PRODUCT = "product"  # its name among the processes; the others are stand-ins


@dataclass(frozen=True)
class Done:
    """A job that has ended.

    ended: when each item did, in seconds; cpu: seconds by process; others: processors that programs
    outside of the bench kept busy meanwhile.
    """

    titles: int
    ended: list[float]
    failed: int
    cpu: dict[str, float]
    others: float

    def cpu_ms(self, *names: str) -> float:
        """CPU of some processes per title, in milliseconds."""
        return 1000 * sum(self.cpu[name] for name in names) / self.titles


class Deployment:
    """A running stack, empty but for tables, queues and roles."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.product = Product(data, SETTINGS)
        self.product.prepare()
        self.published = published.read(data)
        self.releases = Releases()
        self.bedrock = Bedrock(self.published["common"]["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
        self.database = psycopg.connect(self.published["common"]["DATABASE_URL"], autocommit=True)

    def start(self, slots: Sequence[int], parallel: int = ENRICHMENT.parallel) -> None:
        """Starts a keeper, and a worker process for each number of slots; the last ones end.

        parallel: calls at a time in one slot.
        """
        self.product.stop()
        self.product = Product(self.data, SETTINGS)
        self.product.start_keeper()
        for number, some in enumerate(slots, start=1):
            self.product.start_worker(some, number, parallel)
        permits = parallel * sum(slots)
        self.wait(lambda: self._permits() == permits, START_WITHIN)

    def end(self) -> None:
        """Ends the product at once; a worker that is asked to stop would end its poll first."""
        for process in self.product.running:
            process.kill()
            process.wait()

    def enrich(self, titles: int, within: float) -> Done:
        """Does a job of so many titles.

        within: seconds. Raises TimeoutError, or RuntimeError when a process of the product ends.
        """
        before, others, begun = self.cpu(), _others(), time.monotonic()
        job = self.begin(titles)
        self.wait(lambda: self._has_ended(job), within)
        after, others = self.cpu(), (_others() - others) / (time.monotonic() - begun)
        items = self.ask(
            "SELECT extract(epoch FROM ended_at), state FROM enrichment_item WHERE job_id = %s", job
        )
        return Done(
            titles=titles,
            ended=[float(ended) for ended, _ in items],
            failed=sum(state != "done" for _, state in items),
            cpu={name: after[name] - before[name] for name in after},
            others=others,
        )

    def begin(self, titles: int) -> int:
        """Begins a job of so many titles and returns its number."""
        release = self.releases.write(self.data / f"release-{time.time_ns()}.csv", titles)
        self.product.manage(WEB, "enrich", str(release), "--no-wait")
        return int(self.ask("SELECT max(id) FROM enrichment_job")[0][0])

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of the product and of each stand-in."""
        services = self.published["services"].items()
        seconds = {name: _cpu.seconds([service["pid"]]) for name, service in services}
        return seconds | {PRODUCT: _cpu.seconds(process.pid for process in self.product.running)}

    def environment(self) -> dict[str, str]:
        """For a process that is not the product's."""
        return os.environ | published.environment_of(self.published, "admin")

    def wait(self, ready: Callable[[], bool], within: float) -> None:
        deadline = time.monotonic() + within
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"not there within {within:.0f} s; see {self.data}/*.log")
            time.sleep(LOOK_EVERY)

    def check(self) -> None:
        """Raises RuntimeError when a process of the product has ended."""
        if self.product.dead():
            raise RuntimeError(f"a process ended with {self.product.dead()}; see {self.data}/*.log")

    def _permits(self) -> int:
        return int(self.ask(PERMITS, ENRICHMENT.name)[0][0])

    def _has_ended(self, job: int) -> bool:
        query = "SELECT ended_at IS NOT NULL FROM enrichment_job WHERE id = %s"
        return bool(self.ask(query, job)[0][0])

    def ask(self, query: Any, *parameters: object) -> list[tuple[Any, ...]]:
        return self.database.execute(query, parameters).fetchall()


def _others() -> float:
    """Seconds that processors have worked for programs that the bench did not start."""
    return _cpu.machine_seconds() - _cpu.seconds([os.getpid()])


@contextmanager
def deployment() -> Iterator[Deployment]:
    """A deployment on free ports in a temporary folder; both are gone afterwards."""
    with stack() as data:
        deployed = Deployment(data)
        try:
            yield deployed
        finally:
            deployed.end()


@contextmanager
def stack() -> Iterator[Path]:
    """The data folder of stand-ins alone, which are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="manga-bench-") as folder:
        # PostgreSQL may run under another account, which must walk through.
        os.chmod(folder, 0o711)  # noqa: S103
        data = Path(folder) / "stack"
        with start_stack(data, "--free-ports") as launcher:
            try:
                yield data
            finally:
                launcher.terminate()
                launcher.wait()
