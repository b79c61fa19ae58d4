"""The application as uvicorn serves it: the limits in front of Django, and Django behind them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from mangaassist.asgi import application
from tests.mangaassist.server import Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(application, lifespan="off") as server:
        yield server


def test_a_request_may_not_be_larger_than_the_settings_say(server: Server) -> None:
    answer = server.answer(
        f"POST /api/nothing/ HTTP/1.1\nContent-Length: {settings.REQUEST_MAX_BYTES + 1}"
    )
    assert answer.problem["code"] == "request_too_large"


@pytest.mark.parametrize("address", settings.BODY_LIMITS)
def test_an_upload_may_be_larger_but_not_much(server: Server, address: str) -> None:
    most = settings.UPLOAD_MAX_BYTES + settings.FORM_OVERHEAD
    head = f"POST {address} HTTP/1.1\nContent-Length: "
    assert server.answer(f"{head}{most + 1}").status == 413
    assert server.answer(f"{head}{most}", bytes(most)).status in (401, 403, 404)


@pytest.mark.parametrize(("accepted", "told"), [("en", "nothing"), ("ja", "何もありません")])
def test_django_answers_the_rest_in_the_language_of_the_client(
    server: Server, accepted: str, told: str
) -> None:
    answer = server.answer(f"GET /api/nothing/ HTTP/1.1\nAccept-Language: {accepted}")
    assert answer.headers["content-language"] == accepted
    assert len(answer.headers["x-request-id"]) == 32
    assert told in answer.problem["detail"]
