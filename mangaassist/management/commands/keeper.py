"""manage.py keeper: dispatch, reap and close, until SIGTERM."""

from __future__ import annotations

import signal
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from mangaassist.keeper import Keeper
from mangaassist.metrics.reporter import Reporter

ENDING = {signal.SIGTERM, signal.SIGINT}

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Runs the timed duties: dispatch, reap, close jobs. Several keepers may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        keeper = Keeper.of(settings.KEEPER_DUTIES)
        # Waited for, not handled: a handler that sets an event which the same thread waits for can
        # find the event's lock held and hang. The duties' threads inherit the blocked signals.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        Reporter().start()
        keeper.start()
        log.info("keeper_started", duties=sorted(settings.KEEPER_DUTIES))
        signal.sigwait(ENDING)
        keeper.stop()
        log.info("keeper_stopped")
