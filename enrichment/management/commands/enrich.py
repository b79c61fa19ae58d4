"""manage.py enrich FILE: the whole main job from one file, with a live progress bar."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from enrichment import jobs, releases
from enrichment.kinds import Kind, Language
from enrichment.models import Job, Release
from enrichment.progress import Progress, progress
from enrichment.uploads import ReleaseError

LOOK_EVERY = 1.0  # seconds
SHOWN_ERRORS = 10


class Command(BaseCommand):
    help = "Enriches every title of a file (CSV or JSONL, UTF-8) and shows the progress. Exit status 1: not all done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--kinds", nargs="+", choices=list(Kind), default=[Kind.SYNOPSIS, Kind.TAGS]
        )
        parser.add_argument("--languages", nargs="+", choices=list(Language), default=[Language.JA])
        parser.add_argument(
            "--no-wait", action="store_true", help="return as soon as the job exists"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(stderr=True)
        release = self._release(options["file"])
        self._report(release, console)
        job, new = jobs.start(release, options["kinds"], options["languages"])
        console.print(
            f"Job {job.pk}: {job.total} titles"
            + ("" if new else " (this file and these options had it already)")
        )
        if not options["no_wait"]:
            sys.exit(0 if self._watch(job, console) else 1)

    def _release(self, path: Path) -> Release:
        try:
            with path.open("rb") as file:
                return releases.take(path.name, file)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except ReleaseError as error:
            raise CommandError(f"{path}: {error.text('ja')} / {error.text('en')}") from error

    def _report(self, release: Release, console: Console) -> None:
        if not release.bad_rows:
            return
        console.print(
            f"[yellow]{release.bad_rows} of {release.bad_rows + release.good_rows} rows were not taken:"
        )
        for error in release.errors.order_by("number")[:SHOWN_ERRORS]:
            console.print(f"  row {error.number} {error.field}: {error.reason}", markup=False)
        if release.bad_rows > SHOWN_ERRORS:
            console.print(
                f"  … and {release.bad_rows - SHOWN_ERRORS} more (admin, release {release.pk})"
            )

    def _watch(self, job: Job, console: Console) -> bool:
        """Shows the bar until the job has ended; whether every title is done."""
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[line]}")
        )  # fmt: skip
        with Bar(*columns, console=console, refresh_per_second=4) as bar:
            task = bar.add_task("Enriching", total=job.total, line="")
            while True:
                job.refresh_from_db()
                now = progress(job)
                bar.update(task, completed=now.ended, line=_line(now))
                if job.ended_at is not None:
                    return job.state == Job.State.DONE
                time.sleep(LOOK_EVERY)


def _line(now: Progress) -> str:
    eta = "no progress" if now.eta is None else f"{now.eta:.0f} s left"
    if now.ended == now.total:
        eta = "finished"
    return f"{now.failed} failed · {now.rate:.0f}/s · {eta} · ${now.cost:.4f}"
