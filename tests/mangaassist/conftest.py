"""An AWS account of its own for a test, which may so break everything in it; a silent server."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from local.fault_proxy import FaultProxy
from mangaassist import aws
from mangaassist.broker.urls import queue_url
from mangaassist.provision import provision
from mangaassist.search import indices
from mangaassist.search.client import opensearch
from tests.opensearch import serving
from tests.stack import Stack

CLIENTS = (
    aws.sqs,
    aws.dynamodb,
    aws.ecs,
    aws.iam,
    aws.opensearch_serverless,
    aws.sts,
    aws.gateway_connections,
)
USER = "somebody"


@dataclass
class Account:
    """An AWS account in MiniStack; this process acts in it, first as root."""

    number: str
    environment: pytest.MonkeyPatch
    key: tuple[str, str] | None = None  # of the user, once there is one

    def act_as_root(self) -> None:
        self._use(self.number, "any")

    def act_with(self, policy: dict[str, Any]) -> None:
        """Acts as a user who may do what a policy says, and nothing else."""
        self.act_as_root()
        iam = aws.iam()
        if not self.key:
            iam.create_user(UserName=USER)
            made = iam.create_access_key(UserName=USER)["AccessKey"]
            self.key = (made["AccessKeyId"], made["SecretAccessKey"])
        iam.put_user_policy(UserName=USER, PolicyName="only", PolicyDocument=json.dumps(policy))
        self._use(*self.key)

    def _use(self, key: str, secret: str) -> None:
        forget_clients()
        self.environment.setenv("AWS_ACCESS_KEY_ID", key)
        self.environment.setenv("AWS_SECRET_ACCESS_KEY", secret)


def forget_clients() -> None:
    for client in CLIENTS:
        if client.cache_info().currsize:
            client().close()
    for cached in (*CLIENTS, aws.session, opensearch, queue_url):
        cached.cache_clear()


@contextmanager
def before_dynamodb(stack: Stack) -> Iterator[FaultProxy]:
    """A proxy that this process's calls of DynamoDB go through."""
    with FaultProxy(stack.ports["ministack"]) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", proxy.url)
        forget_clients()
        yield proxy
    forget_clients()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account."""
    # MiniStack takes a key of twelve digits for the root of that account.
    account = Account(str(random.randrange(10**11, 10**12)), monkeypatch)
    account.act_as_root()
    yield account
    forget_clients()


@pytest.fixture
def provisioned(account: Account) -> Account:
    """An account with everything in it."""
    provision()
    return account


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield listening


@pytest.fixture
def own_index(settings: Any) -> Iterator[str]:
    """An index of titles that no other test sees; its name."""
    settings.OPENSEARCH_INDEX = own = f"test-{random.randrange(10**12)}"
    name = indices.create()
    indices.switch(name)
    yield name
    settings.OPENSEARCH_INDEX = own
    for name in indices.written():
        indices.delete(name)


@pytest.fixture(scope="session")
def domain() -> Iterator[str]:
    """The address of a domain of OpenSearch; that of the stack is a collection of Serverless."""
    with serving() as url:
        yield url


@pytest.fixture(params=["aoss", "es"])
def either_service(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """A collection of OpenSearch Serverless, and a domain of OpenSearch."""
    settings.OPENSEARCH_SERVICE = request.param
    if request.param == "es":
        settings.OPENSEARCH_URL = request.getfixturevalue("domain")
    opensearch.cache_clear()
    yield
    opensearch.cache_clear()


@pytest.fixture
def lagging(settings: Any) -> Iterator[None]:
    """A collection that shows after a second what was written or made."""
    usual = settings.OPENSEARCH_URL
    with serving("--serverless", "--lag", "1") as settings.OPENSEARCH_URL:
        opensearch.cache_clear()
        yield
    settings.OPENSEARCH_URL = usual
    opensearch.cache_clear()


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[Any]:
    """The settings, for another server of OpenSearch."""
    opensearch.cache_clear()
    yield settings
    opensearch.cache_clear()


def connections(server: socket.socket) -> int:
    """How many clients wait to be accepted."""
    server.setblocking(False)
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count
