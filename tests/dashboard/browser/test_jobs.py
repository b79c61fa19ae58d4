"""The walk of somebody whose job has failures: list, job, item, cause, retry; all by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from enrichment.models import Item, Job
from enrichment.states import State
from tests.dashboard.browser.conftest import Opener
from tests.dashboard.browser.test_watching import end_all
from tests.enrichment.conftest import account, provisioned
from tests.enrichment.factories import job_of
from tests.reading import faults

__all__ = ["account", "provisioned"]


@pytest.fixture
def job(provisioned: None, transactional_db: None) -> Job:
    """A job with two failures of one cause and one of another."""
    made = job_of(*[State.FAILED] * 3, State.DONE, State.RUNNING, State.PENDING)
    failed = made.items.filter(state=State.FAILED).order_by("pk")
    Item.objects.filter(pk__in=[item.pk for item in failed[:2]]).update(code="truncated")
    Item.objects.filter(pk=failed[2].pk).update(code="refused")
    return made


def test_failures_of_one_cause_are_found_and_retried(open_page: Opener, job: Job) -> None:
    page = open_page("/dashboard/jobs/?lang=ja")
    page.get_by_role("link", name=f"#{job.pk} ").click()
    expect(page.locator("#verdict")).to_be_visible()
    page.locator("#items ~ * a[data-drawer]").first.click()
    expect(page.locator("#drawer")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    page.locator("#retry-truncated").click()
    expect(page.locator("#touches")).to_contain_text("2")
    page.locator("#confirm").click()
    expect(page.locator(".notice")).to_contain_text("2")
    states = job.items.order_by("pk").values_list("state", flat=True)
    assert list(states)[:3] == ["pending", "pending", "failed"]
    page.goto("/dashboard/audit/")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_job_moves_by_itself_and_keeps_what_is_open(open_page: Opener, job: Job) -> None:
    page = open_page(f"/dashboard/jobs/{job.pk}/?lang=en")
    page.locator("#flow-table summary").click()
    end_all(job)
    expect(page.locator("[data-part=verdict]")).to_contain_text("6 of 6")
    expect(page.locator("#flow-table")).to_have_attribute("open", "")


def test_without_a_script_an_item_is_a_page(open_page: Opener, job: Job) -> None:
    page = open_page(f"/dashboard/jobs/{job.pk}/?lang=en", java_script_enabled=False)
    page.locator("#items ~ * a[data-drawer]").first.click()
    expect(page).to_have_url(f"/dashboard/items/{job.items.latest('pk').pk}/")
