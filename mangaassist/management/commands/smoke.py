"""manage.py smoke: proves that a deployment works, or says what to repair."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mangaassist import smoke
from mangaassist.resources import ROLES


class Command(BaseCommand):
    help = "Does for real what the processes do, step by step. Exit status 1 if a step fails."
    requires_system_checks: list[
        str
    ] = []  # The first step runs them and reports them as the others.

    def add_arguments(self, parser: CommandParser) -> None:
        processes = sorted(role.process for role in ROLES)
        parser.add_argument("--role", choices=processes, help="only what this role may do")

    def handle(self, *args: Any, **options: Any) -> None:
        failures = 0
        for finding in smoke.findings(options["role"]):
            sign = "✗" if finding.failure else "✓"
            failures += finding.failure is not None
            self.stdout.write(f"{sign} {finding.step}: {finding.detail}")
            self.stdout.flush()
        if failures:
            self.stderr.write(f"Failed steps: {failures}")
            sys.exit(1)
