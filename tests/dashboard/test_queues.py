"""The page of the queues: what it says of each pool, and who may switch it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from dashboard import queue_page, queues, snapshot
from dashboard.verdict import Level
from enrichment import index_feed, intake, reconciling, releases
from enrichment.dispatch import dispatch
from enrichment.obstacles import obstacles, reading_obstacles
from enrichment.states import State
from mangaassist import metrics, pausing
from mangaassist.language import Language
from mangaassist.metrics import history, samples
from mangaassist.metrics.registry import Dimensions, Measured, Metric
from mangaassist.pools import ENRICHMENT, MAINTENANCE, POOLS
from mangaassist.scaling.forecast import Outlook
from tests.enrichment.factories import job_of, live_keeper, live_worker

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/queues/"
POOL: Dimensions = (("Pool", ENRICHMENT.name),)
QUEUE: Dimensions = (("Queue", ENRICHMENT.queue.name),)


def measure(metric: Metric, dimensions: Dimensions, *values: float, ago: float = 1) -> None:
    at = timezone.now() - timedelta(seconds=ago)
    samples.write([Measured(metric, dimensions, list(values))], at)


def work(backlog: float, ended: int) -> None:
    """A backlog that is as it was a minute ago, less what has ended."""
    measure(metrics.BACKLOG, POOL, backlog + ended, ago=61)
    measure(metrics.BACKLOG, POOL, backlog)
    if ended:
        measure(metrics.TASK_DURATION, POOL, *[2_000.0] * ended)


def card() -> queues.Card:
    board = queues.read(snapshot.take())
    return next(one for one in board.cards if one.pool == ENRICHMENT)


@pytest.fixture
def operator() -> User:
    user = User.objects.create_user("sato", is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    return user


def test_every_pool_has_a_card_with_its_queue() -> None:
    cards = queues.read(snapshot.take()).cards
    assert [one.pool for one in cards] == list(POOLS.values())
    assert [one.pool.name for one in cards if one.queue is None] == ["websocket"]


def test_a_backlog_has_a_time_when_it_is_gone() -> None:
    live_worker()
    work(backlog=60, ended=30)
    board = queues.read(snapshot.take())
    assert card().forecast.outlook is Outlook.DRAINS
    assert "drains at " in queue_page.html(board, Language.EN)


def test_a_backlog_without_workers_is_critical_and_says_what_to_start() -> None:
    work(backlog=60, ended=0)
    assert card().verdict.level is Level.CRITICAL
    html = queue_page.html(queues.read(snapshot.take()), Language.JA)
    assert "空になりません：ワーカーがいません" in html
    assert "manage.py worker enrichment" in html


def test_the_last_hour_is_drawn_from_the_history() -> None:
    measure(metrics.QUEUE_VISIBLE, QUEUE, 7, ago=180)
    history.keep()
    depth = card().depth
    assert depth is not None
    assert [value for value in depth if value is not None] == [7]
    html = queue_page.html(queues.read(snapshot.take()), Language.EN)
    assert "Depth: last minute 7, highest 7" in html


def test_the_past_of_a_pool_is_shown_for_as_long_as_one_likes(
    client: Client, operator: User
) -> None:
    client.force_login(operator)
    measure(metrics.QUEUE_VISIBLE, QUEUE, 7, ago=7_200)
    measure(metrics.TASK_DURATION, POOL, *[2_000.0] * 90, ago=7_200)
    measure(metrics.COST_USD, (("ModelId", "m"), *POOL), 0.25, ago=7_200)
    history.keep()
    text = client.get(f"{PAGE}?lang=en&pool=enrichment&span=day").text
    assert "Depth: latest 7, highest 7" in text
    assert "Ended a minute: latest 0.0, highest 1.5" in text
    assert "Cost (USD): latest 0.0000, highest 0.2500" in text
    assert "highest 7" not in client.get(f"{PAGE}?lang=en&span=hour").text


def test_a_question_is_answered_with_pace_limit_and_time(client: Client, operator: User) -> None:
    client.force_login(operator)
    live_worker(permits=10)
    work(backlog=600, ended=30)
    text = client.get(f"{PAGE}?lang=en&pool=enrichment&more=1").text
    assert "With 1 more workers than the 1 of enrichment, 1,800 a minute can end" in text
    assert "what allows no more: the workers. Forecast: drains at " in text


def test_an_operator_pauses_and_resumes_what_is_sent(client: Client, operator: User) -> None:
    client.force_login(operator)
    job = job_of(State.PENDING)
    live_worker()
    live_keeper()
    assert client.post(f"{PAGE}pause", {"do": "pause"}).status_code == 302
    assert dispatch() == 0
    assert "sato" in obstacles(job)[0]
    assert "sato has paused it" in client.get(f"{PAGE}?lang=en").text
    client.post(f"{PAGE}pause", {"do": "resume"})
    assert obstacles(job) == []


def test_a_viewer_looks_and_may_not_pause(client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.groups.add(Group.objects.get(name="viewer"))
    client.force_login(viewer)
    assert f'action="{PAGE}pause"' not in client.get(PAGE).text
    assert client.post(f"{PAGE}pause", {"do": "pause"}).status_code == 403


def test_a_paused_pool_is_a_warning(operator: User) -> None:
    pausing.pause(ENRICHMENT.name, operator)
    assert card().verdict.level is Level.WARNING


def test_the_page_is_small(client: Client, operator: User) -> None:
    client.force_login(operator)
    assert len(client.get(PAGE).content) < 100_000


def test_each_pool_says_what_a_pause_stops_or_why_it_cannot_wait(
    client: Client, operator: User
) -> None:
    client.force_login(operator)
    text = client.get(f"{PAGE}?lang=en").text
    assert text.count('name="pool" value="') == len(pausing.PAUSABLE)
    assert "Uploaded files are not read" in text
    assert "A shopper waits for each late answer" in text
    assert client.post(f"{PAGE}pause", {"do": "pause", "pool": "deferred"}).status_code == 404


def test_a_paused_maintenance_reads_no_file_and_says_so(client: Client, operator: User) -> None:
    client.force_login(operator)
    live_worker(MAINTENANCE)
    release, _ = releases.receive("a.csv", io.BytesIO(b"id,titleJp\nA,x\n"), operator)
    client.post(f"{PAGE}pause", {"do": "pause", "pool": "maintenance"})
    assert [intake.dispatch(), reconciling.dispatch(), index_feed.dispatch()] == [0, 0, 0]
    release.refresh_from_db()
    assert release.delivery == 0
    assert "sato" in reading_obstacles(release)[0]
