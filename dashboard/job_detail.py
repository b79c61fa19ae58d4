"""One job in all detail: what its page reads, in words and numbers that a template needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.utils import timezone

from dashboard.flow import flow
from dashboard.job_lines import drawn
from dashboard.job_texts import EVENTS, ITEM_STATES, JOB_WORDS, LEVELS, STANDING
from dashboard.jobs import hold, lines
from dashboard.keyset import page
from dashboard.texts import in_, words
from enrichment.api.queries import ItemQuery
from enrichment.causes import Cause, causes
from enrichment.models import Item, Job
from enrichment.obstacles import obstacles
from enrichment.progress import Counts
from enrichment.states import State
from mangaassist.language import Language
from mangaassist.models import AuditEntry

SIZE = 30  # items
MOST_EVENTS = 50
FILTERS = ("state", "code", "q")


@dataclass(frozen=True)
class Event:
    """Something that happened to a job. by: a name, empty for what happened by itself."""

    at: datetime
    text: str
    by: str
    detail: str = ""


def detail(job: Job, query: Mapping[str, str], language: Language) -> dict[str, Any]:
    """The context of the part that changes. Raises BadRequest for what a query cannot ask."""
    asked = {name: query[name] for name in FILTERS if query.get(name)}
    found, (line,) = causes(job), lines([job])
    chosen = page(narrowed(job, asked), query, SIZE)
    now = timezone.now()
    return {
        "words": words(language),
        "texts": words(language, JOB_WORDS),
        "job": drawn(line, language, now, hold()),
        "level": LEVELS[Job.State(job.state)],
        "standing": standing(line.progress.counts, language),
        "obstacles": obstacles(job, language) if job.ended_at is None else [],
        "flow": flow(job),
        "flow_says": JOB_WORDS["flow_says"].text(language, {"total": f"{job.total:,}"}),
        "causes": [_cause(cause, found, language) for cause in found],
        "chips": [*chips(line.progress.counts, found, asked, language)],
        "asked": asked,
        "items": [_item(item, language) for item in chosen.rows],
        "newer": _address(asked, chosen.newer) if chosen.newer else "",
        "older": _address(asked, chosen.older) if chosen.older else "",
        "events": timeline(job, language),
    }


def narrowed(job: Job, asked: Mapping[str, str]) -> QuerySet[Item]:
    query = ItemQuery(data=dict(asked))
    if not query.is_valid():
        raise BadRequest(str(query.errors))
    return query.narrow(job.items.select_related("title"))


def standing(counts: Counts, language: Language) -> str:
    """How far the job is, as a sentence."""
    numbers = {"done": counts.done, "total": counts.total, "failed": counts.failed}
    return STANDING.text(language, {name: f"{count:,}" for name, count in numbers.items()})


def chips(
    counts: Counts, found: list[Cause], asked: Mapping[str, str], language: Language
) -> Iterator[dict[str, Any]]:
    """All items, those of each state, and those that failed for each cause."""
    kept = {"q": asked["q"]} if "q" in asked else {}
    yield _chip(in_(language, JOB_WORDS["all"]), counts.total, kept, asked)
    for state in State:
        if count := counts.by_state.get(state):
            name = in_(language, ITEM_STATES[state])
            yield _chip(name, count, {**kept, "state": state.value}, asked)
    for cause in found:
        of_cause = {"state": cause.state.value, "code": cause.code}
        name = f"{in_(language, ITEM_STATES[cause.state])}: {cause.code}"
        yield _chip(name, cause.count, {**kept, **of_cause}, asked)


def timeline(job: Job, language: Language) -> list[Event]:
    """What people did and what happened, the newest first."""
    entries = AuditEntry.objects.filter(kind="job", row=str(job.pk)).exclude(action="start")
    happened = {
        "ended": job.ended_at,
        "mailed": job.mailed_at if settings.NOTIFY_EMAILS else None,
        "posted": job.posted_at if settings.NOTIFY_WEBHOOK_URL else None,
    }
    by = job.created_by.username if job.created_by else ""
    events = [
        Event(job.created_at, in_(language, EVENTS["started"]), by),
        *(
            Event(entry.at, in_(language, EVENTS[entry.action]), entry.user_name, _touched(entry))
            for entry in entries.order_by("-pk")[:MOST_EVENTS]
        ),
        *(Event(at, in_(language, EVENTS[name]), "") for name, at in happened.items() if at),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _touched(entry: AuditEntry) -> str:
    """What differs, without what stayed as it was."""
    before, after = entry.before or {}, entry.after or {}
    return " ".join(f"{name}={value}" for name, value in after.items() if before.get(name) != value)


def _chip(
    name: str, count: int, query: Mapping[str, str], asked: Mapping[str, str]
) -> dict[str, Any]:
    return {"name": name, "count": count, "address": _address(query), "chosen": query == asked}


def _address(asked: Mapping[str, str], more: str = "") -> str:
    return "?" + "&".join(filter(None, (urlencode(asked), more))) + "#items"


def _cause(cause: Cause, found: list[Cause], language: Language) -> dict[str, Any]:
    same = sum(one.count for one in found if one.retryable and one.code == cause.code)
    retry = JOB_WORDS["retry_these"].text(language, {"count": f"{same:,}"})
    return {
        "cause": cause,
        "state": in_(language, ITEM_STATES[cause.state]),
        "fix": in_(language, cause.fix),
        "retry": retry if cause.retryable else "",
    }


def _item(item: Item, language: Language) -> dict[str, Any]:
    return {"row": item, "state": in_(language, ITEM_STATES[State(item.state)])}
