"""What the terminal says about a running job."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from rich.console import Console

from enrichment.models import Item
from enrichment.progress import Counts, Progress
from enrichment.states import State
from enrichment.watch import PATIENCE, Watch, line
from tests.enrichment.factories import make_job


class Terminal:
    """A watch at a job of two titles, and everything it printed."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.watch = Watch(make_job(titles=2), Console(file=self.file, width=200))

    def at(self, seconds: float) -> str:
        """Everything printed after a look at this time."""
        self.watch.look(seconds)
        return self.file.getvalue()


@pytest.mark.django_db
def test_nothing_is_said_before_patience_ends() -> None:
    terminal = Terminal()
    terminal.at(100)
    assert terminal.at(100 + PATIENCE - 1) == ""


@pytest.mark.django_db
def test_a_reason_is_said_once() -> None:
    terminal = Terminal()
    terminal.at(0)
    assert terminal.at(PATIENCE).count("No worker is alive") == 1
    assert terminal.at(PATIENCE + 1).count("No worker is alive") == 1


@pytest.mark.django_db
def test_patience_begins_anew_when_something_moved() -> None:
    terminal = Terminal()
    terminal.at(0)
    Item.objects.filter(pk=terminal.watch.job.items.all()[0].pk).update(state=State.DONE)
    terminal.at(PATIENCE - 1)
    assert terminal.at(PATIENCE + 1) == ""
    assert "No worker" in terminal.at(2 * PATIENCE)


@pytest.mark.parametrize(
    ("counts", "rate", "told"),
    [
        ({"pending": 2}, 0.0, "0 failed · nothing moves · $0.5000"),
        ({"done": 1, "pending": 1}, 0.5, "0 failed · 0.5/s · 2 s left · $0.5000"),
        ({"done": 1, "failed": 1}, 0.5, "1 failed · all ended · $0.5000"),
    ],
)
def test_the_line_says_how_it_goes(counts: dict[str, int], rate: float, told: str) -> None:
    assert line(Progress(Counts(2, counts), rate, Decimal("0.5"))) == told
