"""What the chat did over some time, for all web processes: read from the history of the metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from chat.turns import State
from dashboard.charts import Values
from dashboard.past import Span, points, sums
from mangaassist import metrics
from mangaassist.metrics import histogram, history
from mangaassist.metrics.history import Past
from mangaassist.metrics.registry import Metric
from mangaassist.models import HistoryPoint
from mangaassist.pools import DEFERRED, MODERATION, WEBSOCKET

READ = (
    metrics.WS_ANSWERS, metrics.WS_FIRST_WORD, metrics.HTTP_400, metrics.REQUESTS_BY_LANGUAGE,
    metrics.CHAT_FEEDBACK, metrics.CHAT_LOOK_UPS, metrics.COST_USD,
)  # fmt: skip
POOLS = {WEBSOCKET.name, DEFERRED.name, MODERATION.name}  # that the chat asks the model with


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
    answers = sums(points(past, metrics.WS_ANSWERS), over)
    deferred = sums(points(past, metrics.WS_ANSWERS, State=State.DEFERRED), over)
    return ChatFigures(
        begin=begins[0],
        states=_counted(_by(past, metrics.WS_ANSWERS, "State")),
        refusals=_refusals(past),
        asked=_counted(_by(past, metrics.REQUESTS_BY_LANGUAGE, "preferredLanguage")),
        feedback=_counted(_by(past, metrics.CHAT_FEEDBACK, "Value")),
        look_ups=_counted(_by(past, metrics.CHAT_LOOK_UPS, "Result")),
        cost=sum(cost for pool, cost in costs.items() if pool in POOLS),
        first_word=_p95(points(past, metrics.WS_FIRST_WORD)),
        answers_line=answers,
        first_word_line=_each(past, metrics.WS_FIRST_WORD, over, _p95),
        deferred_line=[
            100 * some / all_ if all_ else None
            for some, all_ in zip(deferred, answers, strict=True)
        ],
        refusals_line=sums(points(past, metrics.HTTP_400), over),
    )


def _by(past: Past, metric: Metric, dimension: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for point in points(past, metric):
        value = json.loads(point.dimensions)[dimension]
        found[value] = found.get(value, 0.0) + point.total
    return found


def _refusals(past: Past) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for point in points(past, metrics.HTTP_400):
        of = json.loads(point.dimensions)
        found[of["Reason"], of["preferredLanguage"]] += round(point.total)
    return found


def _each(
    past: Past,
    metric: Metric,
    begins: Iterable[datetime],
    of: Callable[[list[HistoryPoint]], float | None],
) -> Values:
    found = points(past, metric)
    return [of([point for point in found if point.at == at]) for at in begins]


def _p95(found: list[HistoryPoint]) -> float | None:
    filled = histogram.merged(point.buckets for point in found if point.buckets)
    return histogram.percentile(filled, 95) if filled else None


def _counted(found: dict[str, float]) -> Counter[str]:
    return Counter({name: round(value) for name, value in found.items()})
