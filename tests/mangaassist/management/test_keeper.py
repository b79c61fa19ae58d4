"""manage.py keeper as a process."""

from __future__ import annotations

import json
import signal

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tests.processes import LONGEST_WAIT, manage


@pytest.mark.parametrize("path", settings.KEEPER_DUTIES)
def test_every_duty_of_the_settings_exists(path: str) -> None:
    assert callable(import_string(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_keeper_after_its_duties(number: signal.Signals) -> None:
    with manage("keeper") as process:
        assert process.stderr
        events = map(json.loads, process.stderr)
        started = next(event for event in events if event["event"] == "keeper_started")
        process.send_signal(number)
        _, rest = process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 0
    assert started["duties"] == sorted(settings.KEEPER_DUTIES)
    assert json.loads(rest.splitlines()[-1])["event"] == "keeper_stopped"
