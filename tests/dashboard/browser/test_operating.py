"""Operators at work on queues, dead letters and alarms; everybody can read these pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from enrichment.states import State
from mangaassist import metrics
from mangaassist.alarms.duty import evaluate
from mangaassist.metrics import history, samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmState, LetterOrder
from mangaassist.pools import MODERATION
from tests.dashboard.browser.conftest import Opener
from tests.dashboard.test_chat import chats
from tests.dashboard.test_letters import die
from tests.enrichment.factories import job_of, live_keeper, live_worker
from tests.mangaassist.conftest import account, provisioned

__all__ = ["account", "provisioned"]

pytestmark = pytest.mark.usefixtures("provisioned")

ALARM = f"dead-letters:{MODERATION.queue.dead_letters}"
LETTERS = f"/dashboard/queues/{MODERATION.name}/letters/"


def busy() -> None:
    """Work, a dead letter, the alarm about it, and a chat."""
    live_keeper()
    live_worker()
    job_of(State.RUNNING, State.PENDING)
    die("review", "0123456789abcdef", "m1")
    now = timezone.now()
    queue = (("Queue", MODERATION.queue.dead_letters),)
    pool = (("Pool", "enrichment"),)
    for ago in (61, 1):
        at = now - timedelta(seconds=ago)
        samples.write([Measured(metrics.DLQ_DEPTH, queue, [1.0])], at)
        samples.write([Measured(metrics.BACKLOG, pool, [50.0])], at)
        samples.write([Measured(metrics.TASK_DURATION, pool, [2_000.0] * 9)], at)
    chats()
    history.keep()
    evaluate()


def test_a_pause_shows_by_itself_on_the_card_of_the_pool(open_page: Opener) -> None:
    busy()
    page, other = open_page("/dashboard/queues/?lang=en"), open_page("/dashboard/queues/?lang=en")
    card = other.locator("[data-part=pool-enrichment]")
    expect(card).not_to_contain_text("has paused it")
    page.locator("#pause-enrichment summary").click()
    page.get_by_role("button", name="Pause sending").click()
    expect(page.locator("#pause")).to_contain_text("staff has paused it")
    expect(card).to_contain_text("staff has paused it")


def test_a_dead_letter_is_chosen_looked_at_and_redriven(open_page: Opener) -> None:
    busy()
    page = open_page("/dashboard/queues/?lang=en")
    page.locator(f"#letters-{MODERATION.name}").click()
    page.get_by_role("button", name="Redrive the chosen").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose messages first")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Redrive the chosen").click()
    expect(page.locator("main")).to_contain_text("Up to 1 letters go from")
    page.get_by_role("button", name="Begin the redrive").click()
    expect(page.locator("#orders")).to_contain_text("0/1")
    assert LetterOrder.objects.get().user_name == "staff"


def test_an_alarm_is_found_taken_on_and_muted(open_page: Opener) -> None:
    busy()
    page = open_page("/dashboard/alarms/?lang=en")
    page.get_by_role("link", name=f"There are messages in {MODERATION.queue.dead_letters}").click()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".verdict")).to_contain_text("staff is on it")
    page.get_by_label("Why").fill("maintenance")
    page.get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("by staff (maintenance)")
    assert AlarmState.objects.get(name=ALARM).muted_why == "maintenance"
