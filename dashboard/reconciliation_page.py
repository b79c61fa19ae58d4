"""The HTML of reconciliations: the newest runs, and what one has found."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Avg
from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.reconciliation_texts import DISCREPANCIES, MEANINGS, REPAIRS, WORDS
from dashboard.snapshot import Snapshot
from dashboard.texts import in_, words
from enrichment.findings import Discrepancy, Reconciliation
from mangaassist.language import Language

NEWEST = 20


def read(_: Snapshot) -> list[Reconciliation]:
    """The runs that the page shows, newest first."""
    runs = Reconciliation.objects.select_related("created_by", "job")
    return list(runs.order_by("-pk")[:NEWEST])


def html(runs: list[Reconciliation], language: Language) -> str:
    """The part of the page that changes."""
    context = {
        "words": words(language, WORDS),
        "at": timezone.localtime(),
        "runs": [drawn(run, language) for run in runs],
    }
    with translation.override(language.value):
        return render_to_string("dashboard/reconciliations.html", context)


def drawn(run: Reconciliation, language: Language) -> dict[str, Any]:
    """A run in words."""
    return {
        "run": run,
        "scope": _scope(run, language),
        "repair": in_(language, REPAIRS[Reconciliation.Repair(run.repair)]),
        "by": run.created_by.get_username()
        if run.created_by
        else in_(language, WORDS["by_keeper"]),
        "state": in_(language, WORDS[_state(run)]),
        "found": _counted(run.found, language),
        "repaired": _counted(run.repaired, language),
        "left": sum(run.found.values()) - sum(run.repaired.values()),
    }


def meanings(run: Reconciliation, language: Language) -> list[tuple[str, int, str]]:
    """Each discrepancy of a run: its name, its number, and what it means."""
    return [
        (in_(language, DISCREPANCIES[what]), run.found[what.value], in_(language, MEANINGS[what]))
        for what in Discrepancy
        if run.found.get(what.value)
    ]


def price(run: Reconciliation, language: Language) -> str:
    """What the repair of a run costs, from what its items have cost before."""
    lost = run.found.get(Discrepancy.LOST_WRITE.value, 0)
    if not lost:
        return in_(language, WORDS["costs_nothing"])
    items = run.findings.filter(discrepancy=Discrepancy.LOST_WRITE)
    each = items.aggregate(each=Avg("item__cost"))["each"] or Decimal(0)
    return WORDS["costs"].text(language, {"count": lost, "cost": f"{each * lost:.2f}"})


def _scope(run: Reconciliation, language: Language) -> str:
    if run.job_id:
        return WORDS["scope_job"].text(language, {"job": run.job_id})
    since = timezone.localtime(run.since)
    return WORDS["scope_since"].text(language, {"since": f"{since:%m-%d %H:%M}"})


def _state(run: Reconciliation) -> str:
    if run.ended_at:
        return "ended"
    if run.failure:
        return "stuck"
    return "works" if run.cursor >= 0 else "waits"


def _counted(counts: Mapping[str, int], language: Language) -> str:
    found = (
        f"{in_(language, DISCREPANCIES[what])} {counts[what.value]:,}"
        for what in Discrepancy
        if counts.get(what.value)
    )
    return " · ".join(found) or "0"
