"""What the API answers when a file or a job is not taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from enrichment.admission import REASONS, Verdict
from enrichment.jobs import NotAdmitted, NothingToEnrich, NotReady
from enrichment.models import Release
from enrichment.uploads import ReleaseError, messages
from enrichment.weekly import AlreadyStarted
from mangaassist.api.problems import Problem
from mangaassist.errors import Failure
from mangaassist.messages import Texts

READING = Texts(
    "ファイルを読み込んでいます。数秒後にもう一度お試しください。",
    "The file is still being read. Try again in a few seconds.",
)
UNREAD = Texts(
    "カタログを読めません（{cause}）。しばらくしてからもう一度お試しください。",
    "The catalogue cannot be read ({cause}). Try again later.",
)
READ_AGAIN = "2"  # seconds

log = structlog.get_logger(__name__)


@contextmanager
def upload_refused() -> Iterator[None]:
    """400 with the error's code for a file that cannot be taken."""
    try:
        yield
    except ReleaseError as error:
        raise Problem(400, error.code, messages.TEXTS[error.code], error.parameters) from error


@contextmanager
def explained(release: Release) -> Iterator[None]:
    """409 for a release without rows yet, or with this job; 422 without titles; 429 or 503 by
    admission."""
    try:
        yield
    except AlreadyStarted as error:
        raise Problem(409, "already_started", error.TEXTS, {"job": error.job.pk}) from error
    except NotReady as error:
        raise _not_ready(release) from error
    except NothingToEnrich as error:
        texts = Texts(error.text("ja"), error.text("en"))
        raise Problem(422, "nothing_to_enrich", texts) from error
    except NotAdmitted as error:
        raise _not_admitted(error.verdict) from error


@contextmanager
def catalogue_unavailable() -> Iterator[None]:
    """503 with the cause when the catalogue cannot be read."""
    try:
        yield
    except Failure as failure:
        log.exception("catalogue_not_read", code=failure.code)
        raise Problem(503, "catalogue_unavailable", UNREAD, {"cause": failure.message}) from failure


def _not_ready(release: Release) -> Problem:
    if release.state == Release.State.REFUSED:
        texts = messages.TEXTS[release.code]
        return Problem(409, release.code, texts, release.parameters)
    return Problem(409, "release_not_ready", READING, headers={"Retry-After": READ_AGAIN})


def _not_admitted(verdict: Verdict) -> Problem:
    seconds = max(1, round(verdict.retry_after.total_seconds()))
    extra = {
        "reason": verdict.reason,
        "pending": verdict.pending,
        "rate_per_min": round(60 * verdict.rate, 1),
        "retry_after": seconds,
        "suggested_batch_size": verdict.suggested,
    }
    return Problem(
        verdict.status, verdict.reason, REASONS[verdict.reason], verdict.parameters, extra,
        {"Retry-After": str(seconds)},
    )  # fmt: skip
