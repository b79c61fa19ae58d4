"""manage.py alarms: what rings now, why, and the first thing to do."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from mangaassist.alarms import report
from mangaassist.alarms.definitions import State
from mangaassist.alarms.parsing import defined
from mangaassist.management.asking import asking

RINGS, BLIND = 1, 2  # exit statuses
STALE = timedelta(minutes=2)


class Command(BaseCommand):
    help = "Shows the alarms, worst first. Exit status 0: none rings, 1: one does, 2: nobody looks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kinds", nargs="*", help="names in the runbook; all by default")
        parser.add_argument("--all", action="store_true", help="also those that say OK")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {alarm.kind for alarm in defined().values()}
        unknown = sorted(set(options["kinds"]) - known)
        if unknown:
            raise CommandError(f"There is no alarm {unknown[0]}, but: {', '.join(sorted(known))}.")
        now, console = timezone.now(), Console(highlight=False, soft_wrap=True)
        with asking():
            found = report.states(options["kinds"])
        shown = found if options["all"] or options["kinds"] else [
            (alarm, row) for alarm, row in found if row.state != State.OK
        ]  # fmt: skip
        for line in report.lines(shown, now):
            console.print(line)
        ringing = sum(row.state == State.ALARM for _, row in found)
        console.print(f"{ringing} of {len(found)} alarms ring.")
        newest = max((row.evaluated_at for _, row in found if row.evaluated_at), default=None)
        if newest is None or now - newest > STALE:
            console.print("Nobody has evaluated them lately. Start a keeper: manage.py keeper")
            sys.exit(BLIND)
        if ringing:
            sys.exit(RINGS)
