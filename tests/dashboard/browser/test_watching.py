"""Watching the dashboard: it moves by itself, stops on wish, and everybody can read it."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import expect

from enrichment.models import Job
from enrichment.states import State
from mangaassist import blocking
from mangaassist.alarms.parsing import defined
from mangaassist.errors import Misconfigured
from mangaassist.models import AlarmState
from mangaassist.pools import ENRICHMENT
from tests.dashboard.browser.conftest import Opener
from tests.enrichment.factories import job_of, live_keeper
from tests.reading import faults

# What the server sends a tab meanwhile, beside the stream of the page itself.
COUNT_SNAPSHOTS = """() => {
  let count = 0;
  const stream = new EventSource(document.body.dataset.stream);
  stream.addEventListener("snapshot", () => { document.body.dataset.count = ++count; });
}"""


def end_all(job: Job) -> None:
    job.items.update(state=State.DONE, ended_at=timezone.now())


def trouble() -> None:
    """A blocked pool, a ringing alarm, and a job with something of everything."""
    job_of(State.DONE, State.FAILED, State.RUNNING, State.PENDING)
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDenied", "dynamodb:UpdateItem denied"))
    alarm = next(iter(defined().values()))
    now = timezone.now()
    AlarmState.objects.create(
        name=alarm.name, kind=alarm.kind, severity=alarm.severity, state="ALARM", since=now,
        value=3.0, evaluated_at=now, watched_since=now,
    )  # fmt: skip


def test_progress_appears_by_itself(open_page: Opener) -> None:
    job = job_of(State.PENDING, State.PENDING)
    page = open_page()
    expect(page.locator("[data-part=jobs]")).to_contain_text("0/2")
    end_all(job)
    expect(page.locator("[data-part=jobs]")).to_contain_text("2/2")


def test_a_focused_link_keeps_its_focus_while_its_numbers_change(open_page: Opener) -> None:
    job = job_of(State.PENDING)
    page = open_page()
    page.locator(f"#job-{job.pk}").focus()
    end_all(job)
    expect(page.locator("[data-part=jobs]")).to_contain_text("1/1")
    expect(page.locator(f"#job-{job.pk}")).to_be_focused()


def test_a_frozen_page_shows_the_news_only_when_it_goes_on(open_page: Opener) -> None:
    job = job_of(State.PENDING)
    frozen, other = open_page(), open_page()
    expect(frozen.locator("[data-part=jobs]")).to_contain_text("0/1")
    frozen.keyboard.press("f")
    expect(frozen.locator("#freeze")).to_have_attribute("aria-pressed", "true")
    end_all(job)
    expect(other.locator("[data-part=jobs]")).to_contain_text("1/1")
    frozen.evaluate(COUNT_SNAPSHOTS)
    expect(frozen.locator("body")).to_have_attribute("data-count", re.compile(r"[3-9]|\d\d"))
    assert "0/1" in frozen.locator("[data-part=jobs]").inner_text()
    frozen.keyboard.press("f")
    expect(frozen.locator("[data-part=jobs]")).to_contain_text("1/1")


def test_a_new_verdict_is_announced(open_page: Opener) -> None:
    live_keeper()
    page = open_page("/dashboard/?lang=en")
    expect(page.locator("#verdict")).to_have_text("Look here")
    trouble()
    expect(page.locator("#verdict")).to_have_text("Act now")
    expect(page.locator("#announcer")).to_have_text("Act now")


def test_the_keyboard_opens_pages_and_tells_its_keys(open_page: Opener) -> None:
    page = open_page("/dashboard/?lang=en")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("o")
