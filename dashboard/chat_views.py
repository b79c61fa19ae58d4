"""The page about the chat: how much, how fast, how well, in figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat.turns import State
from dashboard.access import looking
from dashboard.charts import Line, Values
from dashboard.chat_figures import ChatFigures, read
from dashboard.chat_texts import STATES, WORDS
from dashboard.past import SPANS
from dashboard.shell import language_of, show
from dashboard.texts import in_
from mangaassist.language import Language

SLOW = 3_000.0  # milliseconds to the first words, where the alarm rings
TOO_MANY = 10.0  # percent of deferred answers, where the alarm rings
REASONS = 20  # of refusals that are listed


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """`?span=hour`, `day`, `week` or `quarter`."""
    language = language_of(request)
    asked = request.GET.get("span", "")
    chosen = asked if asked in SPANS else "day"
    found = read(SPANS[chosen], timezone.now())
    own = {name: in_(language, text) for name, text in WORDS.items()}
    begin = timezone.localtime(found.begin).strftime("%Y-%m-%d %H:%M")
    context = {
        "own": own,
        "spans": [
            {"key": name, "name": in_(language, span.name), "chosen": name == chosen}
            for name, span in SPANS.items()
        ],
        "since": own["since"].format(begin=begin),
        "found": found,
        "failed": found.share(State.FAILED, State.INCOMPLETE),
        "deferred": found.share(State.DEFERRED),
        "slow": (found.first_word or 0.0) > SLOW,
        "lines": list(_lines(found, own)),
        "states": _states(found, language),
        "languages": sorted(found.asked),
        "refusals": list(_refusals(found)),
        "asked": [found.asked[name] for name in sorted(found.asked)],
        "up": found.feedback["up"],
        "down": found.feedback["down"],
    }
    return show(request, "dashboard/chat.html", "chat", context)


def _lines(found: ChatFigures, own: dict[str, str]) -> Iterator[Line]:
    yield _line(own, "line_answers", found.answers_line, None)
    yield _line(own, "line_first_word", found.first_word_line, SLOW)
    yield _line(own, "line_deferred", found.deferred_line, TOO_MANY)
    yield _line(own, "line_refusals", found.refusals_line, None)


def _line(own: dict[str, str], name: str, values: Values, limit: float | None) -> Line:
    known = [value for value in values if value is not None]
    desc = own["line_none"]
    if known:
        desc = own["line_desc"].format(now=f"{known[-1]:,.0f}", high=f"{max(known):,.0f}")
    near = limit is not None and max(known, default=0.0) > limit / 2
    return Line(own[name], desc, values, limit if near else None)


def _states(found: ChatFigures, language: Language) -> list[tuple[str, int]]:
    return [
        (in_(language, text), found.states[state])
        for state, text in STATES.items()
        if found.states[state]
    ]


def _refusals(found: ChatFigures) -> Iterator[dict[str, Any]]:
    """Reasons, the most frequent first, with their count in each language."""
    languages = sorted(found.asked)
    totals: dict[str, int] = {}
    for (reason, _), count in found.refusals.items():
        totals[reason] = totals.get(reason, 0) + count
    for reason in sorted(totals, key=lambda one: (-totals[one], one))[:REASONS]:
        counts = [found.refusals[reason, language] for language in languages]
        yield {"reason": reason, "counts": counts, "total": totals[reason]}
