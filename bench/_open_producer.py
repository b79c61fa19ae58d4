"""The open producer: sends everything at once, to workers of plain Celery and boto3."""

from __future__ import annotations

import time

from bench import _plain
from bench._deployment import Deployment


class OpenProducer:
    """Nothing limits it but the queue; times are seen from outside, by what the model is asked."""

    def __init__(self, deployed: Deployment) -> None:
        self._deployed = deployed
        self._app = _plain.application(deployed.published["common"]["AWS_ENDPOINT_URL"])
        self._waiting: dict[str, float] = {}  # title → when it was sent
        self.max_depth = 0
        self.max_age = 0.0  # seconds, of the oldest title whose call has not begun

    def send(self, titles: int) -> None:
        for row in self._deployed.releases.titles(titles):
            self._app.send_task(_plain.TASK, args=(row,))
            self._waiting[row["id"]] = time.monotonic()

    def look(self) -> None:
        """Sees which calls have begun, and what still waits."""
        for title in self._waiting.keys() & self._deployed.bedrock.titles_asked():
            del self._waiting[title]
        oldest = min(self._waiting.values(), default=time.monotonic())
        self.max_age = max(self.max_age, time.monotonic() - oldest)
        self.max_depth = max(self.max_depth, len(self._waiting))
