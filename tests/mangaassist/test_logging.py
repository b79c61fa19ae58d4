"""What reaches the log: every line is one JSON object, without secrets and without chat text."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.stdlib import ProcessorFormatter

from mangaassist.logging import WITH_HANDLERS
from mangaassist.redaction import Kind, kind_of

# Put together here, so that no scanner takes them for real ones.
ACCESS_KEY = "AKIA" + "CANARY7EXAMPLE42"
SECRET_KEY = "wJalrCanary7MDENG/" + "bPxRfiCYEXAMPLEKEY+abc"
PASSWORD = "canary-hunter2"
API_TOKEN = "9944b09199c62bcf9418ad846dd0" + "e4bbdfc6ee4b"
WEB_TOKEN = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
DATABASE = f"postgres://manga:{PASSWORD}@db.internal:5432/manga"
REDIS = f"rediss://:{PASSWORD}/with#signs@cache.internal:6379/0"
CHAT = "恋愛漫画のおすすめを教えて canary"
CANARIES = (ACCESS_KEY, SECRET_KEY, PASSWORD, API_TOKEN, WEB_TOKEN, CHAT, "canary.person")

ROOT = Path(__file__).resolve().parent.parent.parent
LOGGERS = {"log", "say"}

ours = structlog.get_logger("tests.ours")
theirs = logging.getLogger("tests.theirs")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    (handler,) = (
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    )
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


class Settings:
    def __repr__(self) -> str:
        return f"<Settings DATABASE_URL={DATABASE} password='{PASSWORD}'>"


def connect() -> None:
    raise ConnectionError(f"{DATABASE} refused {ACCESS_KEY}/{SECRET_KEY}")


def begin() -> None:
    try:
        connect()
    except ConnectionError as error:
        raise ValueError(f"password='{PASSWORD}'\nAuthorization: Token {API_TOKEN}") from error


SAID: list[Callable[[], object]] = [
    lambda: ours.info("connected", url=DATABASE, cache=REDIS),
    lambda: ours.info(f"started with {ACCESS_KEY} and {SECRET_KEY}"),
    lambda: ours.info("keys", keys=[ACCESS_KEY, {"inner": (SECRET_KEY,)}], token=API_TOKEN),
    lambda: ours.info("options", options={"aws_secret_access_key": SECRET_KEY, "api-key": "c"}),
    lambda: ours.info("headers", headers={"Authorization": PASSWORD, "Set-Cookie": PASSWORD}),
    lambda: ours.info("object", settings=Settings(), kept={"password": PASSWORD.encode()}),
    lambda: ours.info("turn", message=CHAT, chat_text=CHAT, prompt=[CHAT], answers={"a": CHAT}),
    lambda: ours.info("mailed", to="canary.person@example.com"),
    lambda: ours.info("deep", a={"b": {"c": {"d": {"e": {"f": {"password": PASSWORD}}}}}}),
    lambda: theirs.warning("could not reach %s", DATABASE),
    lambda: theirs.warning("Authorization: Basic %s", "Y2FuYXJ5Og==" + PASSWORD),
    lambda: theirs.warning("header was 'Bearer %s', or Token %s", WEB_TOKEN, API_TOKEN),
    lambda: theirs.warning("cookie: sessionid=%s; csrftoken=%s", PASSWORD, PASSWORD),
    lambda: theirs.warning("GET /x?password=%s&api_key=%s&next=1", PASSWORD, PASSWORD),
    lambda: theirs.warning(json.dumps({"body": json.dumps({"client_secret": PASSWORD})})),
    lambda: theirs.warning("%r", {"password": PASSWORD.encode(), "passwd": PASSWORD + ' "x"'}),
    lambda: theirs.warning("a\n%s\nb\t%s", SECRET_KEY, API_TOKEN),
]  # fmt: skip


@pytest.mark.parametrize("say", SAID)
def test_no_canary_reaches_the_log(written: io.StringIO, say: Callable[[], object]) -> None:
    say()
    [line] = written.getvalue().splitlines()
    assert not [canary for canary in CANARIES if canary in line]


@pytest.mark.parametrize("logger", [ours, theirs])
def test_no_canary_reaches_the_log_in_a_traceback(written: io.StringIO, logger: Any) -> None:
    try:
        begin()
    except ValueError:
        logger.exception("failed")
    [line] = lines(written)
    assert "ConnectionError" in line["exception"]
    assert "db.internal:5432/manga" in line["exception"]
    assert not [canary for canary in CANARIES if canary in written.getvalue()]


def test_what_operations_need_stays_readable(written: io.StringIO) -> None:
    kept = {
        "input_tokens": 812, "output_tokens": 64, "max_tokens": 1_000, "token_count": 3,
        "messages": 3, "password": None, "request_id": "f" * 32, "worker": "host-1:4242",
        "sha256": "0a" * 32, "duration": 1.5, "done": True, "item": "T-00012",
        "model": "global.anthropic.claude-haiku-4-5-20251001-v1:0", "title": "秘密の鍵",
        "arn": "arn:aws:iam::123456789012:role/manga-keeper",
        "url": "https://sqs.us-east-1.amazonaws.com/123456789012/manga-enrichment.fifo",
        "cause": "dynamodb:UpdateItem on table manga-catalog failed: Too many tokens.",
        "lost": "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
        "refused": "InvalidSignatureException: The request signature we calculated differs.",
        "note": "input_tokens=812, max_tokens: 1000, the token bucket is empty; basic settings",
    }  # fmt: skip
    ours.info("readable", **kept)
    [line] = lines(written)
    assert {name: line[name] for name in kept} == kept


def keys_of(file: Path) -> Iterator[str]:
    """What a file of ours names in its log lines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if isinstance(called, ast.Name) and called.id in LOGGERS:
                yield from (word.arg for word in node.keywords if word.arg)


@pytest.mark.parametrize("app", ["enrichment", "mangaassist"])
def test_nothing_that_we_log_by_a_name_of_our_own_is_masked(app: str) -> None:
    keys = {key for file in (ROOT / app).rglob("*.py") for key in keys_of(file)}
    assert "cause" in keys
    assert not [key for key in keys if kind_of(key) != Kind.PLAIN]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nothing_that_is_logged_breaks_its_line(written: io.StringIO, end: str) -> None:
    ours.info(f"漫画{end}forged", field=f"漫画{end}forged")
    [line] = lines(written)
    assert line["event"] == line["field"] == f"漫画{end}forged"


@pytest.mark.parametrize("logger", [ours, theirs])
@pytest.mark.parametrize("level", ["error", "critical"])
def test_an_error_that_is_logged_while_one_is_handled_has_its_traceback(
    written: io.StringIO, logger: Any, level: str
) -> None:
    try:
        connect()
    except ConnectionError:
        getattr(logger, level)("went_wrong")
        logger.warning("went_on")
    error, warning = lines(written)
    assert "ConnectionError: " in error["exception"]
    assert "exception" not in warning


def test_an_error_without_an_exception_is_no_traceback(written: io.StringIO) -> None:
    ours.error("went_wrong")
    assert sys.exc_info() == (None, None, None)
    assert "exception" not in lines(written)[0]


@pytest.mark.parametrize("name", WITH_HANDLERS)
def test_libraries_with_handlers_of_their_own_write_our_lines(
    written: io.StringIO, name: str
) -> None:
    logging.getLogger(name).error("said by %s", name)
    assert lines(written)[0]["logger"] == name


@pytest.mark.parametrize(
    "text",
    ["passw" * 4_000, "a@" * 10_000, "://a:" * 4_000, "eyJ" * 6_000, 'secret="\\' * 2_000,
     "bearer " * 3_000, "Basic aaaaaaaaa" * 1_500, "A" * 20_000, "cookie:" * 3_000],
)  # fmt: skip
def test_no_text_is_slow_to_clean(written: io.StringIO, text: str) -> None:
    """Quadratic time would be minutes here."""
    ours.info("long", field=text * 20)
    assert lines(written)[0]["event"] == "long"
