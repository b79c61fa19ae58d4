"""What the system checks find before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core import checks as django_checks
from django.core.checks import CheckMessage

from mangaassist import checks, claude
from mangaassist.pools import ENRICHMENT, POOLS, Pool
from mangaassist.resources import ENRICHMENT_QUEUE
from tests.mangaassist.alarms.examples import text

BEFORE, AFTER = date(2026, 1, 1), date(2026, 12, 1)


def ids(messages: Iterable[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def test_the_project_has_no_findings() -> None:
    assert checks.check(None) == []


def test_django_runs_them(settings: Any) -> None:
    settings.ENRICHMENT_MODEL = "gpt"
    assert "mangaassist.E003" in ids(django_checks.run_checks())


def test_a_standard_queue_is_an_error() -> None:
    assert ids(checks.queue_names([replace(ENRICHMENT_QUEUE, name="q")])) == ["mangaassist.E001"]


@pytest.mark.parametrize("dead_letters", ["dlq", ENRICHMENT_QUEUE.name])
def test_unusable_dead_letters_are_an_error(dead_letters: str) -> None:
    queue = replace(ENRICHMENT_QUEUE, dead_letters=dead_letters)
    assert ids(checks.queue_names([queue])) == ["mangaassist.E002"]


@pytest.mark.parametrize("model_id", [claude.HAIKU_45, f"global.{claude.HAIKU_45}"])
def test_a_known_model_is_fine(model_id: str) -> None:
    assert ids(checks.model("CHAT_MODEL", model_id, AFTER)) == []


def test_a_model_that_has_not_ended_yet_is_fine() -> None:
    assert ids(checks.model("CHAT_MODEL", claude.HAIKU_3, BEFORE)) == []


def test_an_ended_model_is_a_warning_that_names_its_successor() -> None:
    (warning,) = checks.model("CHAT_MODEL", claude.HAIKU_3, AFTER)
    assert warning.id == "mangaassist.W003"
    assert claude.HAIKU_45 in (warning.hint or "")


def test_a_lease_shorter_than_a_call_is_an_error() -> None:
    queue = replace(ENRICHMENT_QUEUE, visibility_timeout=25)
    assert ids(checks.lease([queue], longest_read=25.0)) == ["mangaassist.E004"]


@pytest.mark.parametrize(("seconds", "found"), [(0, 1), (1, 0), (20, 0), (21, 1)])
def test_a_poll_that_sqs_does_not_allow_is_an_error(seconds: int, found: int) -> None:
    assert ids(checks.poll(seconds)) == ["mangaassist.E011"] * found


@pytest.mark.parametrize(
    "pool",
    [replace(ENRICHMENT, slots=0), replace(ENRICHMENT, parallel=0)],
    ids=["slots", "parallel"],
)
def test_a_pool_without_permits_is_an_error(pool: Pool) -> None:
    assert ids(checks.pool_sizes([pool])) == ["mangaassist.E005"]


def test_pools_that_reserve_more_than_the_account_has_are_an_error() -> None:
    reserved = sum(pool.slots for pool in POOLS.values())
    assert ids(checks.account(POOLS.values(), reserved)) == []
    (error,) = checks.account(POOLS.values(), reserved - 1)
    assert error.id == "mangaassist.E007"
    assert "enrichment 25" in (error.hint or "")


def test_shares_of_more_than_the_whole_are_an_error() -> None:
    pools = [replace(ENRICHMENT, share=0.6), replace(ENRICHMENT, share=0.5)]
    assert ids(checks.account(pools, 3_000)) == ["mangaassist.E008"]


@pytest.mark.parametrize(("slots", "found"), [(0, ["mangaassist.E010"]), (1, [])])
def test_a_worker_without_slots_is_an_error(slots: int, found: list[str]) -> None:
    assert ids(checks.worker(slots)) == found


def test_the_local_key_behind_secure_cookies_is_an_error(settings: Any) -> None:
    settings.SECRET_KEY = "insecure-key-for-this-machine"
    settings.SECURE_COOKIES = True
    assert ids(checks.check_deployment(None)) == ["mangaassist.E006"]


@pytest.mark.parametrize(
    ("key", "secure"), [("insecure-but-local", False), ("a-real-one", True)], ids=["local", "real"]
)
def test_other_keys_are_fine(key: str, secure: bool) -> None:
    assert ids(checks.secret_key(key, secure)) == []


def test_a_mistake_in_the_file_of_alarms_is_an_error_that_says_where() -> None:
    [found] = checks.alarms(text(severity="loud"))
    assert found.id == "mangaassist.E009"
    assert found.msg.startswith("alarms.yaml: alarm errors.severity: 'loud' is none of")


@pytest.mark.parametrize(
    ("url", "secret", "found"),
    [
        ("https://example.com/hook", "", ["mangaassist.W010"]),
        ("https://example.com/hook", "of both sides", []),
        ("", "", []),
    ],
)
def test_a_webhook_that_cannot_know_us_is_warned_of(
    url: str, secret: str, found: list[str]
) -> None:
    assert ids(checks.webhook(url, secret)) == found


def test_requests_are_signed_for_a_service_of_opensearch_alone() -> None:
    assert ids(checks.search("s3", "")) == ["mangaassist.E012"]
    assert ids(checks.search("aoss", "")) == ids(checks.search("es", "")) == []


@pytest.mark.parametrize(
    ("service", "url"),
    [
        ("es", "https://vpc-manga-abc123.ap-northeast-1.es.amazonaws.com"),
        ("aoss", "https://abc123.ap-northeast-1.aoss.amazonaws.com"),
    ],
)
def test_a_service_that_is_not_that_of_the_address_is_an_error(service: str, url: str) -> None:
    other = "aoss" if service == "es" else "es"
    assert ids(checks.search(service, url)) == []
    assert ids(checks.search(other, url)) == ["mangaassist.E013"]
