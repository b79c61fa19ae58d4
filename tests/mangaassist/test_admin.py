"""People and alarms in the admin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from mangaassist import metrics
from mangaassist.alarms.duty import evaluate
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmEvent, AlarmState, PoolState, Profile

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    return client


def test_the_language_of_a_user_is_set_on_the_page_of_the_user(staff: Client) -> None:
    user = User.objects.create_user("reader")
    page = reverse("admin:auth_user_change", args=[user.pk])
    fields = {
        "username": "reader", "date_joined_0": "2026-01-01", "date_joined_1": "00:00",
        "profile-TOTAL_FORMS": 1, "profile-INITIAL_FORMS": 0, "profile-0-user": user.pk,
        "profile-0-language": "en",
    }  # fmt: skip
    assert staff.get(page).status_code == 200
    assert staff.post(page, fields).status_code == 302
    assert Profile.objects.get(user=user).language == "en"


def test_a_user_is_added_without_a_profile(staff: Client) -> None:
    assert staff.get(reverse("admin:auth_user_add")).status_code == 200


@pytest.fixture
def alarms() -> None:
    """One alarm that rings, beside all others, and one that is defined no more."""
    PoolState.objects.create(pool="enrichment", blocked_at=NOW, code="AccessDenied", message="no")
    samples.write([Measured(metrics.POOL_BLOCKED, (("Pool", "enrichment"),), [1])], NOW)
    evaluate(NOW)
    AlarmState.objects.create(
        name="gone", kind="gone", severity="critical", state="ALARM", since=NOW, watched_since=NOW
    )


@pytest.mark.usefixtures("alarms")
def test_an_alarm_that_rings_comes_first_with_its_runbook(staff: Client, settings: Any) -> None:
    settings.RUNBOOK_URL = "https://example.com/runbook"
    page = staff.get(reverse("admin:mangaassist_alarmstate_changelist"))
    rows = page.context["cl"].result_list
    assert (rows[0].name, rows[0].state) == ("pool-blocked:enrichment", "ALARM")
    assert [row.name for row in rows if row.name == "gone"] == []
    assert 'href="https://example.com/runbook#pool-blocked"' in page.content.decode()


@pytest.mark.usefixtures("alarms")
def test_a_runbook_that_is_a_file_of_the_repository_is_named_and_no_link(staff: Client) -> None:
    page = staff.get(reverse("admin:mangaassist_alarmstate_changelist")).content.decode()
    assert "docs/runbook.md#pool-blocked" in page
    assert 'href="docs/runbook.md' not in page


@pytest.mark.usefixtures("alarms")
def test_an_alarm_says_what_it_means_in_the_readers_language(staff: Client) -> None:
    address = reverse("admin:mangaassist_alarmstate_change", args=["pool-blocked:enrichment"])
    for language, sentence in (
        ("ja", "enrichment プールが停止しています"),
        ("en", "The enrichment pool is blocked"),
    ):
        page = staff.get(address, headers={"Accept-Language": language}).content.decode()
        assert sentence in page
        assert "manage.py smoke" in page


@pytest.mark.usefixtures("alarms")
def test_the_history_of_alarms_can_be_looked_at_and_not_changed(staff: Client) -> None:
    page = staff.get(reverse("admin:mangaassist_alarmevent_changelist"))
    assert "enrichment: AccessDenied: no" in page.content.decode()
    event = AlarmEvent.objects.latest("pk")
    address = reverse("admin:mangaassist_alarmevent_change", args=[event.pk])
    for language, sentence in (("ja", "個で鳴ります"), ("en", "(rings at ")):
        assert sentence in staff.get(address, headers={"Accept-Language": language}).text
    assert staff.post(address, {"cause": "changed"}).status_code == 403


@pytest.mark.usefixtures("alarms")
@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("operator", 200), ("editor", 403)])
def test_who_looks_at_everything_sees_alarms(role: str, status: int) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    for model in ("alarmstate", "alarmevent"):
        page = client.get(reverse(f"admin:mangaassist_{model}_changelist"))
        assert page.status_code == status
