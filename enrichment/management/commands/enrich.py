"""manage.py enrich FILE: the whole main job from one file, with a live progress bar."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.text import Text

from enrichment import jobs, releases
from enrichment.kinds import Kind
from enrichment.models import Job, Release
from enrichment.uploads import ReleaseError
from enrichment.watch import Watch, shortfall, show
from mangaassist.errors import Failure
from mangaassist.language import Language
from mangaassist.logging import quiet

SHOWN_ERRORS = 10
INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


class Command(BaseCommand):
    help = "Enriches every title of a CSV or JSONL file. Exit status 0: every title is done."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds, languages = [kind.value for kind in Kind], [language.value for language in Language]
        parser.add_argument("file", type=Path)
        parser.add_argument("--kinds", nargs="+", choices=kinds, default=["synopsis", "tags"])
        parser.add_argument("--languages", nargs="+", choices=languages, default=["ja"])
        parser.add_argument(
            "--no-wait", action="store_true", help="return as soon as the job exists"
        )
        parser.add_argument(
            "--show", type=int, default=0, metavar="N", help="print N results at the end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(stderr=True)
        self.job: Job | None = None
        try:
            with quiet():
                self._enrich(console, options)
        except KeyboardInterrupt:
            console.print(_farewell(self.job), highlight=False, soft_wrap=True)
            sys.exit(INTERRUPTED)

    def _enrich(self, console: Console, options: dict[str, Any]) -> None:
        job = self._job(console, options)
        if options["no_wait"]:
            return
        self._watch(job, console)
        self._show(job, options["show"])
        if job.state != Job.State.DONE:
            sys.exit(1)

    def _job(self, console: Console, options: dict[str, Any]) -> Job:
        path = options["file"]
        try:
            release = self._release(path)
            self._report(release, console)
            job, new = jobs.start(release, options["kinds"], options["languages"])
        except (jobs.NothingToEnrich, jobs.TooMuchWaiting) as error:
            raise CommandError(f"{path}: {error.text('ja')} / {error.text('en')}") from error
        self.job = job
        known = "" if new else " (this file and these options had it already)"
        console.print(f"Job {job.pk}: {job.total} titles{known}", highlight=False)
        return job

    def _release(self, path: Path) -> Release:
        try:
            with path.open("rb") as file:
                return releases.take(path.name, file)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except ReleaseError as error:
            raise CommandError(f"{path}: {error.text('ja')} / {error.text('en')}") from error

    def _report(self, release: Release, console: Console) -> None:
        """Names the rows that were not taken."""
        if not release.bad_rows:
            return
        rows = release.bad_rows + release.good_rows
        console.print(f"[yellow]{release.bad_rows} of {rows} rows were not taken:", highlight=False)
        errors = release.errors.order_by("number", "pk")
        for error in errors[:SHOWN_ERRORS]:
            console.print(Text(f"  row {error.number}: {error.reason}"), soft_wrap=True)
        more = errors.count() - SHOWN_ERRORS
        if more > 0:
            console.print(f"  … and {more} more (admin, release {release.pk})", highlight=False)

    def _watch(self, job: Job, console: Console) -> None:
        """Returns when the job has ended, and says what is not done."""
        Watch(job, console).until_the_end()
        for cause in shortfall(job):
            console.print(Text(f"  {cause}", style="yellow"))
        if job.state == Job.State.FAILED:
            console.print("  Retry them in the admin: Jobs, Retry failed items.", style="yellow")

    def _show(self, job: Job, most: int) -> None:
        try:
            show(job, most, Console())
        except Failure as failure:
            raise CommandError(f"The results cannot be shown: {failure.message}") from failure


def _farewell(job: Job | None) -> str:
    if job is None:
        return "Interrupted; no job was made."
    return (
        f"Job {job.pk} goes on without you. To watch it, run the same command again,"
        f" or open /admin/enrichment/job/{job.pk}/change/"
    )
