"""Takes the database to earlier versions, and back to the newest one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(app: str, name: str) -> Any:
    """The models as they are after that migration of an app."""
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name)])
    return MigrationExecutor(connection).loader.project_state([(app, name)]).apps


@pytest.fixture
def newest() -> Iterator[None]:
    """Puts the tables back as the other tests want them."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
