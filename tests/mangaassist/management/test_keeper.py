"""manage.py keeper as a process."""

from __future__ import annotations

import json
import signal

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tests.processes import manage


@pytest.mark.parametrize("path", settings.KEEPER_DUTIES)
def test_every_duty_of_the_settings_exists(path: str) -> None:
    assert callable(import_string(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_keeper_after_its_duties(number: signal.Signals) -> None:
    with manage("keeper") as process:
        assert process.stderr
        first = json.loads(process.stderr.readline())
        process.send_signal(number)
        last = [json.loads(line) for line in process.stderr][-1]
    assert process.returncode == 0
    assert (first["event"], last["event"]) == ("keeper_started", "keeper_stopped")
    assert first["duties"] == sorted(settings.KEEPER_DUTIES)
