"""What the chat did over some time, for all web processes: read from the history of the metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from chat.turns import State
from dashboard.charts import Values
from mangaassist import metrics
from mangaassist.metrics import histogram, history
from mangaassist.metrics.history import DAY, HOUR, MINUTE, Past, Tier
from mangaassist.metrics.registry import Metric
from mangaassist.models import HistoryPoint
from mangaassist.pools import DEFERRED, MODERATION, WEBSOCKET

READ = (
    metrics.WS_ANSWERS, metrics.WS_FIRST_WORD, metrics.HTTP_400, metrics.REQUESTS_BY_LANGUAGE,
    metrics.CHAT_FEEDBACK, metrics.CHAT_LOOK_UPS, metrics.COST_USD,
)  # fmt: skip
POOLS = {WEBSOCKET.name, DEFERRED.name, MODERATION.name}  # that the chat asks the model with


@dataclass(frozen=True)
class Span:
    """How far back one looks: so many stretches of a tier."""

    tier: Tier
    count: int


SPANS = {
    "hour": Span(MINUTE, 60),
    "day": Span(HOUR, 24),
    "week": Span(HOUR, 168),
    "quarter": Span(DAY, 90),
}


@dataclass(frozen=True)
class ChatFigures:
    """Totals with the stretch that is not over, and lines without it.

    states: answers by how they ended; refusals: by reason and language; asked: requests and
    messages by language; feedback, look_ups: by their value; cost: USD; first_word: the 95th
    percentile in milliseconds, None without an answer. Lines have a value for each stretch.
    """

    begin: datetime
    states: Counter[str]
    refusals: Counter[tuple[str, str]]
    asked: Counter[str]
    feedback: Counter[str]
    look_ups: Counter[str]
    cost: float
    first_word: float | None
    answers_line: Values
    first_word_line: Values
    deferred_line: Values
    refusals_line: Values

    @property
    def answers(self) -> int:
        return self.states.total()

    def share(self, *states: State) -> float | None:
        """Percent of the answers that ended like that; None without any."""
        if not self.answers:
            return None
        return 100 * sum(self.states[state] for state in states) / self.answers

    @property
    def nothing_found(self) -> float | None:
        """Percent of the look-ups."""
        total = self.look_ups.total()
        return 100 * self.look_ups["nothing"] / total if total else None


def read(span: Span, now: datetime) -> ChatFigures:
    """Raises DatabaseError."""
    begins = history.begins(span.tier, span.count + 1, now)
    past = history.read([metric.name for metric in READ], span.tier, begins[0])
    costs = _by(past, metrics.COST_USD, "Pool")
    over = begins[:-1]
    answers = _line(past, metrics.WS_ANSWERS, over)
    deferred = _line(past, metrics.WS_ANSWERS, over, State=State.DEFERRED)
    return ChatFigures(
        begin=begins[0],
        states=_counted(_by(past, metrics.WS_ANSWERS, "State")),
        refusals=_refusals(past),
        asked=_counted(_by(past, metrics.REQUESTS_BY_LANGUAGE, "preferredLanguage")),
        feedback=_counted(_by(past, metrics.CHAT_FEEDBACK, "Value")),
        look_ups=_counted(_by(past, metrics.CHAT_LOOK_UPS, "Result")),
        cost=sum(cost for pool, cost in costs.items() if pool in POOLS),
        first_word=_p95(_points(past, metrics.WS_FIRST_WORD)),
        answers_line=answers,
        first_word_line=_each(past, metrics.WS_FIRST_WORD, over, _p95),
        deferred_line=[
            100 * some / all_ if all_ else None
            for some, all_ in zip(deferred, answers, strict=True)
        ],
        refusals_line=_line(past, metrics.HTTP_400, over),
    )


def _points(past: Past, metric: Metric, **wanted: str) -> list[HistoryPoint]:
    """Of a metric, those with at least these dimensions."""
    return [
        point
        for (name, text), several in past.items()
        if name == metric.name and wanted.items() <= json.loads(text or "{}").items()
        for point in several
    ]


def _by(past: Past, metric: Metric, dimension: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for point in _points(past, metric):
        value = json.loads(point.dimensions)[dimension]
        found[value] = found.get(value, 0.0) + point.total
    return found


def _refusals(past: Past) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for point in _points(past, metrics.HTTP_400):
        of = json.loads(point.dimensions)
        found[of["Reason"], of["preferredLanguage"]] += round(point.total)
    return found


def _line(past: Past, metric: Metric, begins: Iterable[datetime], **wanted: str) -> list[float]:
    """The sum of a counter in each stretch; nothing measured is nothing counted."""
    totals: dict[datetime, float] = {}
    for point in _points(past, metric, **wanted):
        totals[point.at] = totals.get(point.at, 0.0) + point.total
    return [totals.get(at, 0.0) for at in begins]


def _each(
    past: Past,
    metric: Metric,
    begins: Iterable[datetime],
    of: Callable[[list[HistoryPoint]], float | None],
) -> Values:
    points = _points(past, metric)
    return [of([point for point in points if point.at == at]) for at in begins]


def _p95(points: list[HistoryPoint]) -> float | None:
    filled = histogram.merged(point.buckets for point in points if point.buckets)
    return histogram.percentile(filled, 95) if filled else None


def _counted(found: dict[str, float]) -> Counter[str]:
    return Counter({name: round(value) for name, value in found.items()})
