"""One installation for all acceptance tests; each starts the processes it needs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.site import Site
from tests.acceptance.valkey import Valkey
from tests.stack import Launcher


@pytest.fixture(scope="session")
def installation() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="manga-acceptance-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as another user and must get through.
        launcher = Launcher(Path(folder))
        try:
            yield Site(launcher.wait_until_ready())
        finally:
            launcher.stop()


@pytest.fixture
def site(installation: Site) -> Iterator[Site]:
    """The installation without any process, before and after."""
    yield installation
    installation.stop()


@pytest.fixture
def valkey(site: Site, tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey that the processes of this test use; unlike that of the stack it may die."""
    valkey = Valkey(tmp_path, site.wait)
    valkey.start()
    site.product.settings["REDIS_URL"] = valkey.url
    yield valkey
    valkey.kill()
    del site.product.settings["REDIS_URL"]
