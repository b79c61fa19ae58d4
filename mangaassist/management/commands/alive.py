"""manage.py alive PROCESS: exit status 0 while one beats on this machine; for health checks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mangaassist.activity import HOST
from mangaassist.management.asking import asking
from mangaassist.pools import WORKER_POOLS
from mangaassist.presence import KEEPERS, LOST_AFTER, beats_here


class Command(BaseCommand):
    help = "Says whether a keeper, or a worker of a pool, has beaten on this machine of late."
    requires_system_checks: list[str] = []  # Asked every few seconds, it must be cheap.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=sorted([KEEPERS, *WORKER_POOLS]))

    def handle(self, *args: Any, **options: Any) -> None:
        process = options["process"]
        with asking():
            alive = beats_here(process)
        if not alive:
            raise CommandError(
                f"No {process} on {HOST} has beaten within {LOST_AFTER.total_seconds():.0f} s;"
                " its own log says why."
            )
