"""A request that is sent twice with the same Idempotency-Key is carried out once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from mangaassist.api.problems import Problem
from mangaassist.messages import Texts
from mangaassist.models import IdempotentAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)  # longer than any request of ours runs
KEY = re.compile("[!-~]([ -~]*[!-~])?")  # HTTP itself drops blanks at the ends.
LONGEST_KEY = 255

BAD_KEY = Texts(
    "Idempotency-Key は1〜255文字の印字可能な ASCII 文字で指定してください。",
    "Idempotency-Key must be 1 to 255 printable ASCII characters.",
)
OTHER_REQUEST = Texts(
    "この Idempotency-Key は別の内容のリクエストで使われています。新しいキーで送ってください。",
    "This Idempotency-Key belongs to a request with other content. Send yours with a new key.",
)
RUNNING = Texts(
    "同じ Idempotency-Key のリクエストを処理しています。少し待って、もう一度送ってください。",
    "A request with this Idempotency-Key is still running. Wait a moment and send it again.",
)

Action = TypeVar("Action", bound=Callable[..., Response])


def idempotent(action: Action) -> Action:
    """Decorates an action of a view: an answer of 2xx is kept for a day and given again.

    Without the header, or for a stranger, the action runs as it is. The claim on a key and the
    answer are transactions of their own, so a rollback of the action takes neither away. A process
    that dies leaves its claim, which the first request after two minutes takes over; only what the
    action had committed by then can happen twice.
    """

    @wraps(action)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return action(view, request, *args, **kwargs)
        if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
            raise Problem(400, "bad_idempotency_key", BAD_KEY)
        claim = _claim(request.user, key, fingerprint(request))
        if claim.status is not None:
            return _replay(claim)
        try:
            response = action(view, request, *args, **kwargs)
            _settle(claim, response)
        except BaseException:
            _release(claim)
            raise
        return response

    run.is_idempotent = True  # type: ignore[attr-defined]  # The schema reads it.
    return cast(Action, run)


def fingerprint(request: Request) -> str:
    """SHA-256 over what the request says, hexadecimal: neither boundaries nor spaces count."""
    query = sorted(request.query_params.lists())
    said = [request.method, request.path, query, _content(request.data)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def first_time(user: User, key: str) -> bool:
    """Whether no form with this key was sent before. In the transaction of what the form does."""
    try:
        with transaction.atomic():
            IdempotentAnswer.objects.create(user=user, key=key, fingerprint="", status=302)
    except IntegrityError:
        return False
    return True


def forget() -> int:
    """Keeper duty: deletes answers older than a day; returns how many."""
    old = IdempotentAnswer.objects.filter(created_at__lt=Now() - KEPT_FOR)
    return old.delete()[0]


def _claim(user: User, key: str, print_of_request: str) -> IdempotentAnswer:
    """A new claim, or the answer there is. Raises Problem for another request's key."""
    with transaction.atomic(durable=True):
        known = IdempotentAnswer.objects.filter(user=user, key=key)
        known.filter(status=None, created_at__lt=Now() - ABANDONED_AFTER).delete()
        found = known.first()
    if found is None:
        try:
            with transaction.atomic(durable=True):
                return IdempotentAnswer.objects.create(
                    user=user, key=key, fingerprint=print_of_request
                )
        except IntegrityError:
            found = known.first()  # Somebody was quicker, and may have released it again.
    if found and found.fingerprint != print_of_request:
        raise Problem(422, "idempotency_key_reused", OTHER_REQUEST)
    if found is None or found.status is None:
        raise Problem(409, "still_running", RUNNING, headers={"Retry-After": "1"})
    return found


def _settle(claim: IdempotentAnswer, response: Response) -> None:
    """Keeps a good answer; of any other nothing stays, so that the client may try again."""
    if not 200 <= response.status_code < 300:
        _release(claim)
        return
    headers = {"Content-Language": get_language()}
    if response.has_header("Location"):
        headers["Location"] = response["Location"]
    with transaction.atomic(durable=True):
        # A claim that was taken over meanwhile is no longer there to be settled.
        IdempotentAnswer.objects.filter(pk=claim.pk).update(
            status=response.status_code,
            body=json.dumps(response.data, cls=JSONEncoder, ensure_ascii=False),
            headers=headers,
        )


def _release(claim: IdempotentAnswer) -> None:
    with transaction.atomic(durable=True):
        IdempotentAnswer.objects.filter(pk=claim.pk, status=None).delete()


def _replay(answer: IdempotentAnswer) -> Response:
    headers = {**answer.headers, REPLAYED: "true"}
    return Response(json.loads(answer.body), answer.status, headers=headers)


def _content(data: Any) -> Any:
    """The parsed body as JSON can write it, with a hash in place of each file."""
    if hasattr(data, "lists"):
        return {name: [_value(value) for value in values] for name, values in data.lists()}
    return data


def _value(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    value.seek(0)
    digest = hashlib.file_digest(cast(Any, value), "sha256").hexdigest()
    value.seek(0)
    return {"name": value.name, "sha256": digest}
