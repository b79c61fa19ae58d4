"""The Prometheus endpoint: totals of all processes, and gauges measured when it is asked."""

from __future__ import annotations

import hmac
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family

from mangaassist import gauges, metrics
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Kind, Metric
from mangaassist.models import MetricTotal

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FRESH = timedelta(minutes=1)  # how old a gauge may be that only its own process can measure
CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
UNITS = {"Milliseconds": "_milliseconds", "Seconds": "_seconds"}


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    """All metrics as text, for whoever has METRICS_TOKEN; without one, for this machine alone."""
    if not _may_read(request):
        return HttpResponseNotFound()
    found = CollectorRegistry(auto_describe=False)
    found.register(Collector())
    return HttpResponse(generate_latest(found), content_type=CONTENT_TYPE_LATEST)


class Collector:
    """What `prometheus_client` asks for the families of an answer."""

    def collect(self) -> Iterator[Family]:
        yield from totals()
        yield from present()


def totals() -> Iterator[Family]:
    """Counters and the sums of distributions since the first start."""
    rows: dict[str, list[MetricTotal]] = defaultdict(list)
    for row in MetricTotal.objects.filter(name__in=metrics.DEFINED).order_by("name", "dimensions"):
        rows[row.name].append(row)
    for name, found in rows.items():
        metric = metrics.DEFINED[name]
        labels = [_snake(dimension) for dimension in metric.dimensions]
        if metric.kind is Kind.COUNTER:
            counter = CounterMetricFamily(_name(metric), metric.help, labels=labels)
            for row in found:
                counter.add_metric(_values(row.dimensions), row.total)
            yield counter
        else:
            summary = SummaryMetricFamily(_name(metric), metric.help, labels=labels)
            for row in found:
                summary.add_metric(_values(row.dimensions), row.count, row.total)
            yield summary


def present() -> Iterator[Family]:
    """Gauges of this moment, and the latest ones that only another process can measure."""
    readings = {
        (metric, tuple(dimensions[name] for name in metric.dimensions)): value
        for metric, value, dimensions in gauges.everything()
    }
    measured = {metric.name for metric, _ in readings}
    others = [
        m for m in metrics.DEFINED.values() if m.kind is Kind.GAUGE and m.name not in measured
    ]
    now = timezone.now()
    for (name, dimensions), found in samples.read(
        (m.name for m in others), now - FRESH, now
    ).items():
        readings[metrics.DEFINED[name], tuple(_values(dimensions))] = found[-1].total
    yield from _families(readings.items())


def _families(readings: Iterable[tuple[tuple[Metric, tuple[str, ...]], float]]) -> Iterator[Family]:
    families: dict[str, GaugeMetricFamily] = {}
    for (metric, values), value in readings:
        if metric.name not in families:
            labels = [_snake(dimension) for dimension in metric.dimensions]
            families[metric.name] = GaugeMetricFamily(_name(metric), metric.help, labels=labels)
        families[metric.name].add_metric(values, value)
    return iter(families.values())


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}"
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), expected.encode())
    # A proxy on this machine would make strangers look like neighbours.
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not request.headers.get(
        "X-Forwarded-For"
    )


def _name(metric: Metric) -> str:
    """`InvocationLatency` in milliseconds becomes mangaassist_invocation_latency_milliseconds."""
    return f"mangaassist_{_snake(metric.name)}{UNITS.get(metric.unit, '')}"


def _snake(name: str) -> str:
    return CAPITALS.sub("_", name).lower()


def _values(dimensions: str) -> list[str]:
    return list(json.loads(dimensions).values())
