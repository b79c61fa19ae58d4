"""manage.py alarms, as ops read it at three in the morning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mangaassist import metrics
from mangaassist.alarms.duty import evaluate
from mangaassist.alarms.parsing import defined
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmState, PoolState

pytestmark = pytest.mark.django_db


@pytest.fixture
def blocked() -> None:
    now = timezone.now()
    PoolState.objects.create(pool="enrichment", blocked_at=now, code="AccessDenied", message="no")
    samples.write([Measured(metrics.POOL_BLOCKED, (("Pool", "enrichment"),), [1])], now)
    evaluate(now)


def run(*arguments: str) -> None:
    call_command("alarms", *arguments)


@pytest.mark.usefixtures("blocked")
def test_what_rings_is_shown_with_its_cause_and_the_first_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("ALARM             critical pool-blocked:enrichment  1 (rings >= 1)")
    for line in (
        "    The enrichment pool is blocked / enrichment プールが停止しています",
        "    cause: enrichment: AccessDenied: no",
        "    first: manage.py smoke",
        "    runbook: docs/runbook.md#pool-blocked",
        f"1 of {len(defined())} alarms ring.",
    ):
        assert line in rest


def test_when_all_is_well_little_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate()
    AlarmState.objects.update(state="OK")
    run()
    assert capsys.readouterr().out == f"0 of {len(defined())} alarms ring.\n"


@pytest.mark.usefixtures("blocked")
def test_some_kinds_are_shown_whatever_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    run("stale-writes", "job-stuck")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[:-1]] == [
        ["INSUFFICIENT_DATA", "critical", "job-stuck"],
        ["OK", "warning", "stale-writes:manga-catalog"],
    ]


@pytest.mark.usefixtures("blocked")
def test_all_are_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--all")
    out = capsys.readouterr().out
    assert all(name in out for name in defined())


def test_that_nobody_evaluates_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with pytest.raises(SystemExit) as end:
            run()
        assert end.value.code == 2
        assert "Start a keeper: manage.py keeper" in capsys.readouterr().out
        evaluate(timezone.now() - timedelta(minutes=3))


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(CommandError, match=r"no alarm cats, but: bedrock-errors, "):
        run("cats")
