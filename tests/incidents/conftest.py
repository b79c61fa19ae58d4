"""An AWS account in which this process is a worker, and ways to make the catalogue fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db.models.functions import Now

from enrichment.dispatch import take
from enrichment.models import Item
from enrichment.tasks import enrich_item
from mangaassist import iam
from mangaassist.models import PoolState
from mangaassist.resources import CATALOG_TABLE, ENRICHMENT_ROLE
from tests.enrichment.conftest import new_gate
from tests.mangaassist.conftest import Account, account, forget_clients, provisioned

__all__ = ["account", "new_gate", "provisioned"]

REGION = "us-east-1"
OLD_NAME = "manga-products"  # of the catalogue's table, before it was renamed

AnswerAll = Callable[[int, str], None]


@pytest.fixture
def worker(provisioned: Account, new_gate: None) -> Account:
    """This process may do what a worker's role allows, and nothing else."""
    provisioned.act_with(policy(provisioned))
    return provisioned


def policy(account: Account) -> dict[str, Any]:
    return iam.policy(ENRICHMENT_ROLE, REGION, account.number)


def policy_with_the_old_name(account: Account) -> dict[str, Any]:
    """What the role allowed before the table was renamed."""
    text = json.dumps(policy(account)).replace(f"table/{CATALOG_TABLE.name}", f"table/{OLD_NAME}")
    document: dict[str, Any] = json.loads(text)
    return document


def deliver() -> None:
    """One tick of the dispatcher, and a worker that takes everything it sent."""
    for send in take():
        enrich_item(send.item, send.delivery)


def deliver_again() -> None:
    """The same, when all waits are over."""
    Item.objects.update(not_before=None)
    PoolState.objects.update(probe_at=Now())
    deliver()


@pytest.fixture
def answer_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnswerAll]:
    """Puts a DynamoDB in front of this process that answers every call with one AWS error code."""
    servers = []

    def start(status: int, code: str) -> None:
        error = {"__type": f"com.amazonaws#{code}", "message": "Says the test."}
        server = answering(status, error)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.__enter__())
        forget_clients()
        servers.append(server)

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@contextmanager
def answering(status: int, document: dict[str, Any]) -> Iterator[str]:
    """The address of an AWS service that answers every call in the same way."""
    body = json.dumps(document).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
