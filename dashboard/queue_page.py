"""The HTML of the queues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard import queue_texts
from dashboard.charts import Line
from dashboard.queue_texts import OUTLOOKS
from dashboard.queue_verdict import TOO_LATE
from dashboard.queues import Board, Card, Minutes
from dashboard.texts import in_, words
from dashboard.times import about, spell
from mangaassist.language import Language
from mangaassist.scaling.forecast import Forecast, Outlook

DAY = 86_400.0


def html(board: Board, language: Language) -> str:
    """The part of the page that changes."""
    known = words(language, queue_texts.WORDS)
    context = {
        "words": known,
        "at": timezone.localtime(board.at),
        "cards": [_card(card, board.at, language, known) for card in board.cards],
    }
    with translation.override(language.value):
        return render_to_string("dashboard/queues.html", context)


def told(ahead: Forecast, now: datetime, language: Language) -> str:
    """A forecast in words, such as `drains at 14:32: about 5 min`."""
    values: dict[str, str | int] = {"growth": f"{ahead.growth:.0f}"}
    if ahead.seconds is not None:
        at = timezone.localtime(now + timedelta(seconds=ahead.seconds))
        form = "%H:%M" if ahead.seconds < DAY else "%m-%d %H:%M"
        values |= {"at": at.strftime(form), "time": about(ahead, language)}
    return OUTLOOKS[ahead.outlook].text(language, values)


def _card(card: Card, now: datetime, language: Language, known: dict[str, str]) -> dict[str, Any]:
    line, pool = card.line, card.pool
    return {
        "card": card,
        "level": card.verdict.level.value,
        "word": in_(language, card.verdict.word),
        "reasons": [
            (reason.level.value, in_(language, reason.text)) for reason in card.verdict.reasons
        ],
        "used": round(100 * line.in_use / line.reserved, 1),
        "living": round(100 * min(line.permits, line.reserved) / line.reserved, 1),
        "slots": line.permits // pool.parallel,
        "ahead": told(card.forecast, now, language),
        "drains": card.forecast.outlook in (Outlook.DRAINS, Outlook.EMPTY),
        "oldest": spell(card.queue.oldest.value, language)
        if card.queue and card.queue.oldest
        else None,
        "comes": None if card.load is None else round(60 * card.load.arrivals),
        "lines": list(_lines(card, known, language)),
    }


def _lines(card: Card, known: dict[str, str], language: Language) -> list[Line]:
    if card.depth is None or card.age is None or card.ended is None:
        return []
    lines = [_line(known, "line_depth", card.depth, str_of)]
    if any(value is not None for value in card.age):
        lines.append(_line(known, "line_age", card.age, lambda value: spell(value, language)))
    return [*lines, _line(known, "line_ended", card.ended, str_of)]


def _line(known: dict[str, str], name: str, values: Minutes, say: Callable[[float], str]) -> Line:
    found = [value for value in values if value is not None]
    desc = known["line_none"]
    if found:
        desc = known["line_desc"].format(now=say(found[-1]), high=say(max(found)))
    limit = TOO_LATE if name == "line_age" and max(found, default=0.0) > TOO_LATE / 2 else None
    return Line(known[name], desc, values, limit)


def str_of(value: float) -> str:
    return f"{value:,.0f}"
