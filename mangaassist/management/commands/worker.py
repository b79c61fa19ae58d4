"""manage.py worker POOL: one worker process of a pool, until SIGTERM."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mangaassist import activity, smoke
from mangaassist.broker.exits import MISCONFIGURED
from mangaassist.celery import app
from mangaassist.errors import Misconfigured
from mangaassist.metrics.reporter import Reporter, flush
from mangaassist.pools import WORKER_POOLS, WorkerPool


class Command(BaseCommand):
    help = "Runs one worker process of a pool, if it has the permissions that it needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pool", choices=sorted(WORKER_POOLS))
        parser.add_argument(
            "--slots", type=int, help="slots of this process; all of the pool by default"
        )
        parser.add_argument(
            "--parallel",
            type=int,
            help="pieces of work at a time in one slot; as many as the pool has by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pool = WORKER_POOLS[options["pool"]]
        slots = _at_most("slots", pool.slots, options["slots"], pool)
        pool = replace(
            pool, parallel=_at_most("parallel", pool.parallel, options["parallel"], pool)
        )
        try:
            smoke.check_worker(pool)
        except Misconfigured as failure:
            flush()  # Alarms of what is denied must ring also when no worker lives.
            self.stderr.write(f"The {pool.name} worker cannot start: {failure.message}")
            sys.exit(MISCONFIGURED)
        activity.begin(pool.name, slots * pool.parallel)
        Reporter().start()
        app.worker_main([
            "worker", f"--concurrency={pool.threads(slots)}",
            f"--queues={pool.queue.name}", f"--hostname={pool.name}@{activity.WORKER}",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING",
        ])  # fmt: skip


def _at_most(option: str, limit: int, wanted: int | None, pool: WorkerPool) -> int:
    """What an option asks for, or all there is. Raises CommandError for more."""
    if wanted is None:
        return limit
    if not 0 < wanted <= limit:
        raise CommandError(f"--{option} must be 1 to {limit}, as {pool.name} has reserved.")
    return wanted
