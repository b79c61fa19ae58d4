"""Every page can be read by everybody: in both languages and schemes, wide and on a phone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page

from enrichment import budget, failed_delivery
from enrichment.models import Item
from enrichment.states import State
from mangaassist import blocking
from mangaassist.errors import Misconfigured
from mangaassist.pools import ENRICHMENT, MODERATION
from tests.dashboard.browser.conftest import MISSING, Opener
from tests.dashboard.browser.test_operating import ALARM, LETTERS, busy
from tests.dashboard.test_reconciliation_views import lost_write
from tests.enrichment.factories import job_of, make_release
from tests.mangaassist.conftest import account, provisioned
from tests.reading import faults_everywhere

__all__ = ["account", "provisioned"]

pytestmark = pytest.mark.usefixtures("provisioned")

MOST_BYTES = 100_000
OVERVIEWS = [
    f"/dashboard/{section}"
    for section in ("", "jobs/", "uploads/", "queues/", "reconciliation/", "alarms/", "chat/",
                    "audit/")
]  # fmt: skip
LOGIN = "/admin/login/?next=/dashboard/"
HEADING = "page-has-heading-one"  # Django's own page has none.


def trouble() -> list[str]:
    """Something of everything, and the pages about it."""
    busy()
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDenied", "dynamodb:UpdateItem denied"))
    job = job_of(*State)
    Item.objects.filter(job=job, state=State.FAILED).update(code="truncated", message="Cut off.")
    failed = Item.objects.get(job=job, state=State.FAILED)
    failed_delivery.note(Item.objects.filter(pk=failed.pk))
    held = job_of(State.DONE, State.PENDING, cost="0.5")
    budget.change(held.pk, Decimal("0.60"))
    budget.hold(held.pk)
    good = make_release("作品ID,タイトル\nA-1,猫\nA-2,\n")
    refused = make_release("記号,なまえ\nA-1,猫\n")
    return [
        *OVERVIEWS, f"/dashboard/jobs/{job.pk}/", f"/dashboard/jobs/{job.pk}/retry/",
        f"/dashboard/jobs/{held.pk}/", f"/dashboard/jobs/{held.pk}/budget/",
        "/dashboard/jobs/?q=nothing", f"/dashboard/items/{failed.pk}/",
        f"/dashboard/uploads/{good.pk}/", f"/dashboard/uploads/{good.pk}/plan/",
        f"/dashboard/uploads/{refused.pk}/", "/dashboard/queues/?pool=enrichment&more=2", LETTERS,
        f"/dashboard/reconciliation/{lost_write().pk}/", f"/dashboard/alarms/{ALARM}/",
        "/dashboard/chat/?span=hour",
    ]  # fmt: skip


def read(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """What is wrong with each page."""
    found = {}
    for path in paths:
        answer = page.goto(path)
        assert answer
        wrong = faults_everywhere(page)
        size = len(answer.body())
        found[path] = wrong if size < MOST_BYTES else [*wrong, f"{size} bytes"]
    return {path: wrong for path, wrong in found.items() if wrong}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_can_be_read(open_page: Opener, language: str) -> None:
    page = open_page(f"/dashboard/?lang={language}")
    assert read(page, trouble()) == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_can_be_read_before_anything_has_happened(
    open_page: Opener, language: str
) -> None:
    page = open_page(f"/dashboard/?lang={language}", locale=language)
    letters = f"/dashboard/queues/{MODERATION.name}/letters/"
    assert read(page, [*OVERVIEWS, letters, MISSING]) == {}
    page.context.clear_cookies()
    wrong = read(page, [LOGIN]).get(LOGIN, [])
    assert [fault for fault in wrong if not fault.startswith(HEADING)] == []
