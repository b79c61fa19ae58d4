"""A stand-in of OpenSearch beside that of the stack: a domain, or a collection that lags."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from local.service import ending_with_parent
from tests.stack import PYTHON, ROOT


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """Its address while it runs. options: `--serverless`, `--lag SECONDS`."""
    with tempfile.TemporaryDirectory(prefix="manga-opensearch-") as data:
        command = [str(PYTHON), "-m", "local.opensearch", "--port", "0", "--data", data, *options]
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=ending_with_parent()
        )
        with server:
            assert server.stdout
            yield server.stdout.readline().split()[-1]
            server.terminate()
