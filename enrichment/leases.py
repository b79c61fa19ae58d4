"""Keeps the leases of this process's running items alive, in one UPDATE for all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import close_old_connections

from enrichment.database import STORE
from enrichment.store import RUN_LEASE
from mangaassist.activity import WORKER

log = structlog.get_logger(__name__)


class Leases:
    """The items that this process runs. The renewing thread starts with the first of them."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def held(self, item: int) -> Iterator[None]:
        """Renews the item's lease until the block ends."""
        with self._lock:
            self._running.add(item)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._keep_renewing, name="leases", daemon=True
                )
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(item)

    def renew(self) -> None:
        """Renews the leases of everything that runs now."""
        with self._lock:
            items = set(self._running)
        STORE.extend(WORKER, items)

    def _keep_renewing(self) -> None:
        pause = threading.Event()
        while not pause.wait(RUN_LEASE.total_seconds() / 3):
            try:
                self.renew()
            except Exception:
                log.exception("leases_not_renewed")
            finally:
                close_old_connections()


leases = Leases()
