"""Every answer has a number, and what is logged meanwhile has the same."""

from __future__ import annotations

import io
import json
import logging

import pytest
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from mangaassist.request_ids import HEADER

pytestmark = pytest.mark.django_db


def test_every_answer_has_a_number_of_its_own() -> None:
    numbers = {Client().get(path).headers[HEADER] for path in ("/admin/", "/nothing/", "/api/")}
    assert len(numbers) == 3


def test_what_a_request_logs_has_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    answer = Client().get("/nothing/")
    (line,) = written.getvalue().splitlines()
    assert json.loads(line)["request_id"] == answer.headers[HEADER]
