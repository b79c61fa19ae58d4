"""manage.py reindex: builds the search index anew while the old one is searched."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enrichment.reindexing import reindex
from mangaassist.errors import Failure

EVERY = 5.0  # seconds between two lines about the progress


class Command(BaseCommand):
    help = (
        "Makes a new search index from the titles and their enrichments, and switches to it when "
        "it is complete. Searches go on meanwhile, changes reach both. Run it after a deploy that "
        "changed the mapping or the embedding model, or when the index is damaged. It may be "
        "interrupted and repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self._begun = self._told = time.monotonic()
        try:
            name = reindex(self._tell)
        except Failure as failure:
            raise CommandError(
                f"{failure.message} Searches go on undisturbed; run reindex again."
            ) from failure
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. Searches go on undisturbed.")
            sys.exit(130)
        self.stdout.write(f"Searches go to {name} now.")

    def _tell(self, written: int, total: int) -> None:
        """A line now and then, and one at the end, that a log can hold too."""
        now = time.monotonic()
        if written < total and now < self._told + EVERY:
            return
        self._told = now
        rate = written / max(0.001, now - self._begun)
        left = f", {(total - written) / rate:,.0f} s to go" if rate and written < total else ""
        self.stdout.write(f"{written:,} of {total:,} titles, {rate:,.0f} a second{left}")
        self.stdout.flush()
