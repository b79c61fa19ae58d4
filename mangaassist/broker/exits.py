"""How a worker ends itself, loudly, and the exit codes by which a supervisor tells why."""

from __future__ import annotations

import logging

from celery.worker import state as worker

logger = logging.getLogger(__name__)

UNREACHABLE = 75  # sysexits' EX_TEMPFAIL: start again
MISCONFIGURED = 78  # sysexits' EX_CONFIG: somebody must repair a permission or a name


def stop_worker(code: int, reason: str) -> None:
    """Asks for a warm shutdown that ends with this exit code; safe from any thread."""
    logger.critical("The worker stops (exit code %d): %s", code, reason)
    worker.should_stop = code  # type: ignore[assignment]


def stopping() -> bool:
    """True once a signal or `stop_worker` has asked for the end."""
    return _asked(worker.should_stop) or _asked(worker.should_terminate)


def _asked(flag: int | bool | None) -> bool:
    # An exit code of 0 asks as well.
    return flag is not None and flag is not False
