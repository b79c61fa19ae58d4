"""manage.py autoscale [POOL ...]: sizes the worker pools by their load, until SIGTERM.

It evaluates alarms as well, so that somebody notices when all keepers are dead.
"""

from __future__ import annotations

import signal
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from mangaassist import presence
from mangaassist.keeper import Keeper
from mangaassist.management.asking import asking
from mangaassist.metrics.reporter import Reporter
from mangaassist.pools import WORKER_POOLS, WorkerPool
from mangaassist.scaling import explain, measures
from mangaassist.scaling.autoscaler import Autoscaler, Driver
from mangaassist.scaling.ecs import Services
from mangaassist.scaling.plan import Size
from mangaassist.scaling.processes import Processes

ENDING = {signal.SIGTERM, signal.SIGINT}
TEND_EVERY = 0.5  # seconds
DRIVERS: dict[str, type[Driver]] = {"local": Processes, "ecs": Services}

log = structlog.get_logger(__name__)


class Living(Processes):
    """What a dry run looks at: the workers that beat, whoever started them."""

    def workers(self, pool: WorkerPool) -> int:
        return presence.living(pool.name)


class Command(BaseCommand):
    help = (
        "Measures each pool, decides how many workers it should have, and starts or drains them: "
        "as processes of this machine, which end with this command, or as tasks of ECS services. "
        "--dry-run prints the reasoning and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pools", nargs="*", metavar="POOL", help="all worker pools by default")
        parser.add_argument("--driver", choices=sorted(DRIVERS), default=settings.SCALING_DRIVER)
        parser.add_argument("--dry-run", action="store_true", help="print once, change nothing")
        parser.add_argument(
            "--once", action="store_true", help="act once and end; takes no worker away (only ecs)"
        )
        parser.add_argument(
            "--slots", type=int, default=settings.WORKER_SLOTS, help="slots of one worker"
        )
        parser.add_argument("--min", type=int, default=1, help="workers of a pool at least")
        parser.add_argument("--max", type=int, help="at most; the pool's slots by default")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between decisions")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = [_size(pool, options) for pool in _pools(options["pools"])]
        if not options["every"] > 0:
            raise CommandError("--every must be more than 0.")
        if options["driver"] not in DRIVERS:  # argparse lets a default through.
            raise CommandError(f"SCALING_DRIVER must be one of {', '.join(sorted(DRIVERS))}.")
        driver = DRIVERS[options["driver"]]()
        if options["dry_run"]:
            seen = Living() if options["driver"] == "local" else driver
            self._print(Autoscaler(sizes, seen, measures.load))
        elif not options["once"]:
            _run(sizes, driver, options["every"])
        elif options["driver"] == "local":
            raise CommandError("--once needs --driver ecs: local workers end with this command.")
        elif not Autoscaler(sizes, driver, measures.load).act():
            raise CommandError("Not every pool could be sized; the log says why.")

    def _print(self, autoscaler: Autoscaler) -> None:
        with asking():
            decisions = autoscaler.decisions()
        for decision in decisions:
            self.stdout.write(explain.text(decision))
        if len(decisions) < len(autoscaler.sizes):
            raise CommandError("Not every pool could be looked at; the log says why.")


def _run(sizes: list[Size], driver: Driver, every: float) -> None:
    # Waited for, not handled, as the keeper does; workers are started with these let through.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    Reporter().start()
    autoscaler = Autoscaler(sizes, driver, measures.load)
    alarms = Keeper.of(settings.ALARM_DUTIES)
    alarms.start()
    log.info("autoscaler_started", pools=[size.pool.name for size in sizes])
    try:
        due = time.monotonic()
        while signal.sigtimedwait(ENDING, TEND_EVERY) is None:
            driver.tend()
            if time.monotonic() >= due:
                autoscaler.act()
                close_old_connections()
                due = time.monotonic() + every
    finally:
        alarms.stopping.set()  # A duty may need a while to end; the workers drain meanwhile.
        driver.close()
        alarms.stop()
    log.info("autoscaler_stopped")


def _pools(names: list[str]) -> list[WorkerPool]:
    unknown = set(names) - set(WORKER_POOLS)
    if unknown:
        known = ", ".join(sorted(WORKER_POOLS))
        raise CommandError(f"No worker pool is called {min(unknown)!r}; there are {known}.")
    return [pool for name, pool in WORKER_POOLS.items() if name in names or not names]


def _size(pool: WorkerPool, options: dict[str, Any]) -> Size:
    """Raises CommandError for numbers that the pool's slots cannot hold."""
    slots, least = options["slots"], options["min"]
    if not 0 < slots <= pool.slots:
        raise CommandError(
            f"--slots (or WORKER_SLOTS) must be 1 to {pool.slots}, the slots of {pool.name};"
            " name the pools that it is for."
        )
    room = pool.slots // slots
    most = room if options["max"] is None else options["max"]
    if not 0 < least <= most <= room:
        raise CommandError(
            f"--min and --max must be 1 to {room}, in this order: {pool.name} has {pool.slots}"
            f" slots and a worker {slots}."
        )
    return Size(pool, slots, least, most)
