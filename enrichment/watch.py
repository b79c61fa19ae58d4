"""What a person sees in a terminal while a job runs, and when it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db.models import Count
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from enrichment.models import Job
from enrichment.obstacles import obstacles
from enrichment.progress import Progress, progress
from enrichment.results import results
from enrichment.states import ENDED, State

LOOK_EVERY = 1.0  # seconds
PATIENCE = 30.0  # seconds without any ended item before the reason is looked for
COLUMNS = ("{task.description}", "{task.fields[line]}")


class Watch:
    """A progress bar that says why nothing moves, once for each reason."""

    def __init__(self, job: Job, console: Console) -> None:
        self.job = job
        self.console = console
        self._ended = -1
        self._moved_at = 0.0
        self._told: list[str] = []

    def until_the_end(self, check: Callable[[], None]) -> None:
        """Returns when the job has ended; `job` is then as it is in the database.

        check: called in every round; what it raises ends the watch.
        """
        before, after = (TextColumn(text) for text in COLUMNS)
        columns = (before, BarColumn(), MofNCompleteColumn(), after)
        with Bar(*columns, console=self.console, refresh_per_second=4) as bar:
            task = bar.add_task("Enriching", total=self.job.total, line="")
            while True:
                check()
                now = self.look(time.monotonic())
                bar.update(task, completed=now.counts.ended, line=line(now))
                if self.job.ended_at is not None:
                    return
                time.sleep(LOOK_EVERY)

    def look(self, at: float) -> Progress:
        """Reads the job at a time, in seconds of any clock that only goes forward."""
        self.job.refresh_from_db()
        now = progress(self.job)
        if now.counts.ended != self._ended:
            self._ended, self._moved_at, self._told = now.counts.ended, at, []
        elif at - self._moved_at >= PATIENCE and self.job.ended_at is None:
            self._tell(obstacles(self.job))
        return now

    def _tell(self, reasons: list[str]) -> None:
        for reason in reasons:
            if reason not in self._told:
                self.console.print(Text(reason, style="yellow"), soft_wrap=True)
        self._told = reasons


def line(now: Progress) -> str:
    """What stands right of the bar."""
    if not now.counts.open:
        left = "all ended"
    elif now.eta is None:
        left = "nothing moves"
    else:
        left = f"{now.rate:.1f}/s · {now.eta:.0f} s left"
    return f"{now.counts.failed} failed · {left} · ${now.cost:.4f}"


def shortfall(job: Job) -> list[str]:
    """Why items of an ended job are not done: how many, state and cause, most frequent first."""
    rows = job.items.filter(state__in=ENDED - {State.DONE}).values_list("state", "code")
    causes = rows.annotate(number=Count("pk")).order_by("-number", "state", "code")
    return [f"{number} {state}{f': {code}' if code else ''}" for state, code, number in causes]


def show(job: Job, most: int, console: Console) -> None:
    """Prints so many results of a job, read back from the catalogue. Raises like `catalog.get`."""
    done = job.items.filter(state=State.DONE).select_related("title", "job").order_by("pk")
    for item in done[:most]:
        console.print(Text(str(item.title), style="bold"))
        for field, text in results(item):
            label = (f"{field.kind} {field.language}  ", "dim")
            console.print(Padding(Text.assemble(label, text), (0, 0, 0, 2), expand=False))
