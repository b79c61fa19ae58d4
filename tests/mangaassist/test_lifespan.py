"""A served application reports its metrics, once more at its end, and evaluates alarms."""

from __future__ import annotations

import threading
import time

import pytest
from pytest_django import Settings

from chat import retrieval
from mangaassist import activity, draining, metrics, presence
from mangaassist.asgi import application
from mangaassist.metrics.registry import registry
from mangaassist.models import AlarmState, MetricSample
from mangaassist.pools import WEBSOCKET
from tests.mangaassist.server import serving

are_read = threading.Event()


def names() -> list[tuple[str, str]]:
    """Names of titles, as CHAT_TITLES gives them."""
    are_read.set()
    return []


@pytest.fixture(autouse=True)
def own_activity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the served application say for which pool this process works, until the test ends."""
    monkeypatch.setattr(activity, "permits", activity.permits)
    monkeypatch.setattr(activity, "pool", activity.pool)


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_until_the_server_ends_is_reported() -> None:
    registry.take()
    with serving(application, lifespan="on"):
        metrics.KEEPERS.record(2)
    assert MetricSample.objects.get(name="Keepers").total == 2


@pytest.mark.django_db(transaction=True)
def test_the_pool_of_web_processes_is_seen_while_one_is_served() -> None:
    deadline = time.monotonic() + 60
    with serving(application, lifespan="on"):
        while presence.permits(WEBSOCKET.name) != WEBSOCKET.permits:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert presence.living(WEBSOCKET.name) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_to_be_drained_is_drained_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    drained = []

    async def drain() -> None:
        drained.append(True)

    async def broken() -> None:
        raise RuntimeError("The test wants this.")

    monkeypatch.setattr(draining, "drains", [broken, drain])
    with serving(application, lifespan="on"):
        assert not drained
    assert drained == [True]


@pytest.mark.django_db(transaction=True)
def test_the_names_of_titles_are_read_before_a_shopper_asks(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CHAT_TITLES = f"{__name__}.names"
    monkeypatch.setattr(retrieval, "names", retrieval.Names())
    with serving(application, lifespan="on"):
        assert are_read.wait(60)


@pytest.mark.django_db(transaction=True)
def test_alarms_are_evaluated_though_no_keeper_lives() -> None:
    deadline = time.monotonic() + 60
    with serving(application, lifespan="on"):
        while not AlarmState.objects.filter(kind="keeper-silent").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
