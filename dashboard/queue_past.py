"""The past of one pool and its queue, up to 90 days back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dashboard.charts import Line, Values
from dashboard.past import Span, highest, points, sums
from mangaassist import metrics
from mangaassist.metrics import history
from mangaassist.pools import WorkerPool

DRAWN = (
    metrics.QUEUE_VISIBLE, metrics.QUEUE_IN_FLIGHT, metrics.OLDEST_MESSAGE_AGE,
    metrics.TASK_DURATION, metrics.TASK_FAILURES, metrics.COST_USD,
)  # fmt: skip


def lines(pool: WorkerPool, span: Span, now: datetime, known: dict[str, str]) -> Iterator[Line]:
    """One line for each number, without the stretch that is not over. Raises DatabaseError."""
    begins = history.begins(span.tier, span.count + 1, now)
    past = history.read([metric.name for metric in DRAWN], span.tier, begins[0])
    over, minutes = begins[:-1], span.tier.size / 60
    queue, of_pool = pool.queue.name, {"Pool": pool.name}
    ended = sums(points(past, metrics.TASK_DURATION, **of_pool), over, lambda one: one.count)
    failed = sums(points(past, metrics.TASK_FAILURES, **of_pool), over)
    gauges = {
        "line_depth": metrics.QUEUE_VISIBLE,
        "line_in_flight": metrics.QUEUE_IN_FLIGHT,
        "line_age": metrics.OLDEST_MESSAGE_AGE,
    }
    for name, gauge in gauges.items():
        yield _line(known, name, highest(points(past, gauge, Queue=queue), over), 0)
    yield _line(known, "line_ended", [one / minutes for one in ended], 1)
    yield _line(known, "line_failed", [one / minutes for one in failed], 1)
    yield _line(known, "line_cost", sums(points(past, metrics.COST_USD, **of_pool), over), 4)


def _line(known: dict[str, str], name: str, values: Values, places: int) -> Line:
    found = [value for value in values if value is not None]
    desc = known["line_none"]
    if found:
        desc = known["line_past"].format(
            now=f"{found[-1]:,.{places}f}", high=f"{max(found):,.{places}f}"
        )
    return Line(known[name], desc, values)
