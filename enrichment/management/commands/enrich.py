"""manage.py enrich FILE: the whole main job from one file, with a live progress bar."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.text import Text

from enrichment import budget, jobs, preview_text, releases, staging, weekly
from enrichment.changes import Change, usual_changes
from enrichment.kinds import Kind
from enrichment.models import Job, Release
from enrichment.preview import preview
from enrichment.watch import Watch, shortfall, show
from enrichment.window import Lane
from mangaassist.errors import Failure
from mangaassist.interrupts import Interrupts
from mangaassist.language import Language
from mangaassist.logging import quiet

SHOWN_ERRORS = 50
LOOK_EVERY = 0.2  # seconds
INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


class Command(BaseCommand):
    help = "Enriches every title of a file (CSV, TSV, JSON, JSONL, Excel). Exit status 0: all done."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds, languages = [kind.value for kind in Kind], [language.value for language in Language]
        parser.add_argument("file", type=Path)
        parser.add_argument("--kinds", nargs="+", choices=kinds, default=["synopsis", "tags"])
        parser.add_argument("--languages", nargs="+", choices=languages, default=["ja"])
        parser.add_argument(
            "--changes", nargs="+", choices=Change.values, default=usual_changes(),
            help="of which rows to write texts, unchanged ones anew;"
            " prices, volumes and stock are taken in any case",
        )  # fmt: skip
        parser.add_argument(
            "--column", dest="columns", action="append", default=[], type=_column,
            metavar="COLUMN=HEADER", help="the file's header of a column; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--preview",
            action="store_true",
            help="say what it would do, cost and take; run nothing",
        )
        parser.add_argument(
            "--lane", choices=Lane.values, default=Lane.NORMAL, help="low: after all other jobs"
        )
        parser.add_argument(
            "--budget", type=_usd, metavar="USD",
            help="what the job may cost; it pauses itself before it costs more",
        )  # fmt: skip
        parser.add_argument(
            "--weekly", action="store_true", help="start no job now, but with the next weekly run"
        )
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
            with quiet(), Interrupts() as interrupts:
                self._enrich(console, options, interrupts)
        except KeyboardInterrupt:
            console.print(_farewell(self.job), highlight=False, soft_wrap=True)
            sys.exit(INTERRUPTED)

    def _enrich(self, console: Console, options: dict[str, Any], interrupts: Interrupts) -> None:
        release = self._release(options["file"], options["columns"], console)
        self._report(release, console)
        chosen = (options[name] for name in ("kinds", "languages", "changes", "budget"))
        wish = jobs.Options(*chosen)
        with _one_line(options["file"]):
            if options["preview"]:
                self._preview(release, wish)
                return
            if options["weekly"]:
                self._mark(release, wish, console)
                return
            job = self._job(release, wish, Lane(options["lane"]), console)
        if options["no_wait"]:
            return
        self._watch(job, console, interrupts)
        self._show(job, options["show"])
        if job.state != Job.State.DONE:
            sys.exit(1)

    def _preview(self, release: Release, wish: jobs.Options) -> None:
        console = Console()
        for line in preview_text.lines(preview(release, wish, user=None)):
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _mark(self, release: Release, wish: jobs.Options, console: Console) -> None:
        at = weekly.next_run_of(weekly.mark(release, wish, user=None))
        console.print(
            f"Release {release.pk} starts with the weekly run of {at:%Y-%m-%d %H:%M %Z}.",
            highlight=False,
        )

    def _job(self, release: Release, wish: jobs.Options, lane: Lane, console: Console) -> Job:
        """The release's job. Without a worker it waits: whoever has a shell can start one."""
        self.job, new = jobs.start(release, wish, lane=lane, unattended=False)
        known = "" if new else " (this file and these options had it already)"
        if self.job.budget is not None:
            known += f", for ${self.job.budget} at most"
        console.print(f"Job {self.job.pk}: {self.job.total} titles{known}", highlight=False)
        return self.job

    def _release(self, path: Path, columns: list[tuple[str, str]], console: Console) -> Release:
        """Receives and reads the file in this process; no worker needs to be there."""
        try:
            with path.open("rb") as file:
                release, _ = releases.receive(path.name, file, mapping=dict(columns))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        with console.status(f"Reading {path.name} ..."):
            _stage(release)
        if release.state == Release.State.REFUSED:
            raise CommandError(f"{path}: {release.text('ja')} / {release.text('en')}")
        return release

    def _report(self, release: Release, console: Console) -> None:
        """Says how the file was read, and names the rows that were not taken."""
        read = ", ".join(filter(None, (release.format, release.encoding, release.sheet)))
        console.print(f"{release.name}: {read}", highlight=False, markup=False)
        if release.ignored_columns:
            ignored = ", ".join(release.ignored_columns)
            console.print(f"Columns read over: {ignored}", style="dim", markup=False)
        rows = release.bad_rows + release.good_rows
        counted = {"not taken": release.bad_rows, "taken in part": release.warned_rows}
        for told, count in counted.items():
            if count:
                console.print(f"[yellow]{count} of {rows} rows were {told}:", highlight=False)
        errors = release.errors.select_related("release").order_by("number", "pk")
        for error in errors[:SHOWN_ERRORS]:
            console.print(Text(f"  row {error.number}: {error.reason}"), soft_wrap=True)
        more = errors.count() - SHOWN_ERRORS
        if more > 0:
            console.print(f"  … and {more} more (admin, release {release.pk})", highlight=False)

    def _watch(self, job: Job, console: Console, interrupts: Interrupts) -> None:
        """Returns when the job has ended, and says what is not done."""
        Watch(job, console).until_the_end(interrupts.check)
        for cause in shortfall(job):
            console.print(Text(f"  {cause}", style="yellow"))
        if job.state == Job.State.FAILED:
            console.print(f"  Retry them at /dashboard/jobs/{job.pk}/", style="yellow")

    def _show(self, job: Job, most: int) -> None:
        try:
            show(job, most, Console())
        except Failure as failure:
            raise CommandError(f"The results cannot be shown: {failure.message}") from failure


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """What is not taken ends the command with a line in both languages."""
    try:
        yield
    except (jobs.NothingToEnrich, jobs.NotAdmitted, weekly.AlreadyStarted) as error:
        raise CommandError(f"{path}: {error.text('ja')} / {error.text('en')}") from error


def _stage(release: Release) -> None:
    """Reads it here, or waits while another process does; takes over from one that died."""
    while True:
        if claimed := staging.claim_here(release.pk):
            staging.stage(claimed)
        release.refresh_from_db()
        if release.state not in (Release.State.RECEIVED, Release.State.STAGING):
            return
        time.sleep(LOOK_EVERY)
        staging.reclaim()


def _column(text: str) -> tuple[str, str]:
    column, equals, header = text.partition("=")
    if not equals or not column or not header:
        raise ArgumentTypeError(f"{text!r} is not COLUMN=HEADER")
    return column, header


def _usd(text: str) -> Decimal:
    try:
        usd = budget.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if usd is None:
        raise ArgumentTypeError("there is no amount")
    return usd


def _farewell(job: Job | None) -> str:
    if job is None:
        return "Interrupted; no job was made."
    return (
        f"Job {job.pk} goes on without you. To watch it, run the same command again,"
        f" or open /dashboard/jobs/{job.pk}/"
    )
