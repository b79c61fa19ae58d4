"""manage.py worker POOL: one worker process of a pool, until SIGTERM."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mangaassist import activity, smoke
from mangaassist.broker.exits import MISCONFIGURED
from mangaassist.celery import app
from mangaassist.errors import Misconfigured
from mangaassist.metrics.reporter import Reporter
from mangaassist.pools import WORKER_POOLS


class Command(BaseCommand):
    help = "Runs one worker process of a pool, if it has the permissions that it needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pool", choices=sorted(WORKER_POOLS))
        parser.add_argument(
            "--slots", type=int, help="slots of this process; all of the pool by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pool = WORKER_POOLS[options["pool"]]
        slots = pool.slots if options["slots"] is None else options["slots"]
        if not 0 < slots <= pool.slots:
            raise CommandError(
                f"--slots must be 1 to {pool.slots}, the slots reserved for {pool.name}."
            )
        try:
            smoke.check_worker(pool)
        except Misconfigured as failure:
            self.stderr.write(f"The {pool.name} worker cannot start: {failure.message}")
            sys.exit(MISCONFIGURED)
        activity.begin(pool.name, slots * pool.parallel)
        Reporter().start()
        app.worker_main([
            "worker", f"--concurrency={pool.threads(slots)}",
            f"--queues={pool.queue.name}", f"--hostname={pool.name}@{activity.WORKER}",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING",
        ])  # fmt: skip
