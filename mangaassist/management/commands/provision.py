"""manage.py provision: makes the queues, tables and roles as they should be."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mangaassist import provision
from mangaassist.errors import Failure


class Command(BaseCommand):
    help = "Creates or repairs queues, tables, roles, policies and the search. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = provision.provision()
        except Failure as failure:
            raise CommandError(failure.message) from failure
        told = [change for change in changes if change.action != "unchanged" or change.then]
        for change in told:
            self.stdout.write(f"{change.action} {change.kind} {change.name} {change.then}".rstrip())
        if not told:
            self.stdout.write(f"Nothing to change: {len(changes)} resources are as they should be.")
