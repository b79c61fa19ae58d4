"""Logs as JSON lines, for our own loggers and for those of the libraries alike."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from mangaassist.redaction import redact

# Celery announces every message at INFO, opensearch-py every request, botocore every credential.
TALKATIVE = ("celery", "kombu", "botocore", "opensearch", "opensearchpy", "urllib3")
# Which would write lines of their own form.
WITH_HANDLERS = ("uvicorn", "uvicorn.access", "django", "django.server")
ERRORS = frozenset({"error", "critical"})
# JSON escapes all other characters that end a line for some reader.
LINE_ENDS = re.compile("[\x85\u2028\u2029]")
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str) -> dict[str, Any]:
    """Sets structlog up and returns Django's LOGGING dictionary."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    tell_exception,
                    structlog.processors.format_exc_info,
                    redact,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                    on_one_line,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in TALKATIVE},
            **{name: {"handlers": [], "propagate": True} for name in WITH_HANDLERS},
        },
    }


def tell_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error that is logged while an exception is handled has its traceback, asked for or not."""
    if event.get("level") in ERRORS and not event.get("exc_info"):
        error = sys.exc_info()[1]
        if error is not None:
            event["exc_info"] = error
    return event


def on_one_line(_: Any, __: str, line: str) -> str:
    if line.isascii():
        return line
    return LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


@contextmanager
def quiet() -> Iterator[None]:
    """Leaves the terminal to a person: only warnings and worse are logged meanwhile."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(max(before, logging.WARNING))
    try:
        yield
    finally:
        root.setLevel(before)
