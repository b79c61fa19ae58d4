"""A served application reports its metrics, and once more when the server ends."""

from __future__ import annotations

import pytest

from mangaassist import metrics
from mangaassist.asgi import application
from mangaassist.metrics.registry import registry
from mangaassist.models import MetricSample
from tests.mangaassist.server import serving


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_until_the_server_ends_is_reported() -> None:
    registry.take()
    with serving(application, lifespan="on"):
        metrics.KEEPERS.record(2)
    assert MetricSample.objects.get(name="Keepers").total == 2
