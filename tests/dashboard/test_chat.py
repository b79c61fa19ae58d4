"""The page about the chat: its figures are those that all processes measured."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from chat.turns import State
from dashboard.chat_figures import ChatFigures, read
from dashboard.past import SPANS
from mangaassist import metrics
from mangaassist.metrics import history, samples
from mangaassist.metrics.registry import Measured, Metric

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/chat/"


def measure(metric: Metric, *values: float, ago: float = 0, **dimensions: str) -> None:
    """As one process reports it, some minutes ago."""
    at = timezone.now() - timedelta(minutes=ago)
    of = tuple((name, dimensions[name]) for name in metric.dimensions)
    samples.write([Measured(metric, of, list(values))], at)


def chats() -> None:
    """Twelve answers of two processes within the last hour."""
    for ago in (3, 4):
        measure(metrics.WS_ANSWERS, 4, ago=ago, State="complete")
        measure(metrics.WS_ANSWERS, 1, ago=ago, State="deferred")
        measure(metrics.WS_ANSWERS, 1, ago=ago, State="failed")
        measure(metrics.WS_FIRST_WORD, *[400.0] * 10, ago=ago)
        measure(metrics.HTTP_400, 2, ago=ago, preferredLanguage="ja", Reason="too_long")
        measure(metrics.REQUESTS_BY_LANGUAGE, 10, ago=ago, preferredLanguage="ja")
        measure(metrics.REQUESTS_BY_LANGUAGE, 5, ago=ago, preferredLanguage="en")
        measure(metrics.CHAT_FEEDBACK, 1, ago=ago, Value="up")
        measure(metrics.CHAT_LOOK_UPS, 3, ago=ago, Result="found")
        measure(metrics.CHAT_LOOK_UPS, 1, ago=ago, Result="nothing")
        measure(metrics.COST_USD, 0.5, ago=ago, ModelId="m", Pool="websocket")
        measure(metrics.COST_USD, 9, ago=ago, ModelId="m", Pool="enrichment")
    history.keep()


def figures(span: str = "hour") -> ChatFigures:
    return read(SPANS[span], timezone.now())


def test_totals_are_those_of_all_processes() -> None:
    chats()
    found = figures()
    assert found.answers == 12
    assert found.refusals == {("too_long", "ja"): 4}
    assert found.asked == {"ja": 20, "en": 10}
    assert (found.feedback["up"], found.nothing_found, found.cost) == (2, 25, 1.0)


def test_shares_are_of_all_answers() -> None:
    chats()
    found = figures()
    assert found.share(State.DEFERRED) == pytest.approx(100 / 6)
    assert found.share(State.FAILED, State.INCOMPLETE) == pytest.approx(100 / 6)
    assert found.first_word == pytest.approx(400, rel=0.05)


def test_a_line_has_a_value_for_each_stretch() -> None:
    chats()
    found = figures()
    assert sum(value or 0 for value in found.answers_line) == 12
    assert {len(line) for line in (found.answers_line, found.first_word_line)} == {60}
    assert len([value for value in found.deferred_line if value is not None]) == 2


def test_what_is_older_than_the_span_does_not_count() -> None:
    measure(metrics.WS_ANSWERS, 7, ago=90, State="complete")
    history.keep()
    assert (figures("hour").answers, figures("week").answers) == (0, 7)


def test_nothing_measured_is_no_share_and_no_time() -> None:
    found = figures()
    assert (found.share(State.FAILED), found.first_word, found.nothing_found) == (None, None, None)


@pytest.mark.parametrize("span", SPANS)
def test_the_page_is_small_and_shows_the_figures(client: Client, span: str) -> None:
    chats()
    client.force_login(User.objects.create_superuser("staff"))
    response = client.get(f"{PAGE}?lang=en&span={span}")
    assert "too_long" in response.text
    assert f'href="?span={span}" aria-current="true"' in response.text
    assert len(response.content) < 100_000


def test_who_may_not_look_is_refused(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(PAGE).status_code == 403
