"""What load balancers and health checks are told."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from pytest_django import Settings

from tests.processes import ROOT

ASK = (
    "import django; django.setup()\n"
    "from django.test import Client\n"
    "print([Client().get(path).status_code for path in ('/healthz', '/readyz')])"
)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "text"), [("/healthz", "alive\n"), ("/readyz", "ready\n")])
def test_a_probe_is_answered_whatever_host_it_names_and_without_tls(
    settings: Settings, path: str, text: str
) -> None:
    settings.ALLOWED_HOSTS = ["manga.example"]
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(path, headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content.decode()) == (200, text)
    assert answer.headers["Cache-Control"] == "no-store"


def test_life_needs_no_database() -> None:
    assert Client().get("/healthz").status_code == 200


def test_without_its_database_a_process_lives_but_is_not_ready() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": "sqlite:////nowhere/database.sqlite3",
            "DJANGO_SETTINGS_MODULE": "mangaassist.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout == "[200, 503]\n"
    assert '"not_ready"' in asked.stderr
