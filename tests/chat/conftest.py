"""What tests of the chat share: an AWS account, a web process, a served chat."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, NamedTuple

import pytest
from channels.routing import ProtocolTypeRouter
from django.test import override_settings

from chat import deferred, gateway, keeping, later, retrieval, reviews, sessions
from chat.catalogue import Found
from chat.composing import Clean, Composed, spoken
from chat.conversation import Conversation
from chat.gateway import Gateway
from chat.routing import chat, websockets
from chat.turns import Answer, History, Turn
from local.fault_proxy import FaultProxy
from local.gateway.app import Gateway as StandIn
from local.identities import with_batches
from mangaassist import activity, aws, draining, iam
from mangaassist.body_limit import Receive, Scope, Send
from mangaassist.broker.urls import queue_url
from mangaassist.pools import WEBSOCKET
from mangaassist.provision import provision
from mangaassist.resources import DEFERRED_QUEUE, MODERATION_QUEUE, Queue, Role
from tests.chat import store
from tests.chat.page import Page, opened
from tests.chat.talking import Talk
from tests.mangaassist.conftest import (
    Account,
    account,
    before_dynamodb,
    forget_clients,
    provisioned,
)
from tests.mangaassist.server import serving
from tests.stack import Stack

__all__ = ["account", "provisioned"]

SECRET = "between API Gateway and us"
Frames = list[tuple[str, str, str]]  # kind, message id, text


@pytest.fixture(scope="package")
def chat_account() -> Iterator[Account]:
    """An account with everything in it."""
    with pytest.MonkeyPatch.context() as environment:
        account = Account(str(random.randrange(10**11, 10**12)), environment)
        account.act_as_root()
        provision()
        yield account
        forget_clients()


@pytest.fixture
def proxy(chat_account: Account, stack: Stack) -> Iterator[FaultProxy]:
    """Before DynamoDB."""
    with before_dynamodb(stack) as proxy:
        yield proxy


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Frames:
    """What was announced to the tabs of a session."""
    announced: Frames = []

    def announce(_session: str, kind: str, said: Turn, notice: str = "") -> None:
        announced.append((kind, said.message_id, said.text or notice))

    for module in (later, reviews, keeping):
        monkeypatch.setattr(module, "announce", announce)
    return announced


@pytest.fixture
def plain_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks for answers without rules and catalogue."""

    def compose(question: Turn, history: History) -> Composed:
        asked = {"role": "user", "content": question.text}
        return Composed("Answer.", [*spoken(history), asked], Clean)

    monkeypatch.setattr(later, "compose", compose)


@contextmanager
def acting(account: Account, policy: dict[str, Any]) -> Iterator[None]:
    """Does what is in the block with these rights alone."""
    account.act_with(policy)
    try:
        yield
    finally:
        account.act_as_root()


def in_role(account: Account, role: Role) -> AbstractContextManager[None]:
    policy = iam.policy(role, "us-east-1", account.number)
    return acting(account, with_batches(policy))


def ask(session: str, n: int = 1) -> Turn:
    return sessions.begin(session, f"m{n}", f"質問{n}", "ja").turn


def converse(session: str, answer: Answer, count: int = 1) -> list[Turn]:
    """The answers of so many exchanges."""
    return [sessions.finish(session, ask(session, n), answer) for n in range(1, count + 1)]


def received(queue: Queue) -> list[dict[str, Any]]:
    """Takes everything out of a queue."""
    url = queue_url(queue.name)
    found: list[dict[str, Any]] = []
    while messages := aws.sqs().receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):  # fmt: skip
        for message in messages:
            aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(dict(message))
    return found


def drain() -> None:
    """Waits until all that was handed over is sent."""
    for _ in range(deferred.MOST_WAITING):
        deferred._room.acquire()
    deferred._room.release(deferred.MOST_WAITING)


def empty() -> None:
    """Leaves no work to any worker, not even what another one had in hand."""
    drain()
    for queue in (DEFERRED_QUEUE, MODERATION_QUEUE):
        aws.sqs().purge_queue(QueueUrl=queue_url(queue.name))


@pytest.fixture
def empty_queues(chat_account: Account) -> Iterator[None]:
    """Finds nothing of other tests in the queues, and leaves nothing there."""
    empty()
    yield
    empty()


@pytest.fixture
def web() -> Iterator[None]:
    """This process as one that answers shoppers."""
    before = activity.pool, activity.permits
    activity.begin(WEBSOCKET.name, 24)
    yield
    activity.pool, activity.permits = before


@pytest.fixture
def no_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is in the catalogue, and it answers at once."""
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: Found())


@pytest.fixture
def hanging() -> Iterator[None]:
    """What hangs during a test ends with it."""
    store.released.clear()
    yield
    store.released.set()


Open = Callable[..., Page]


class Drained:
    """ASGI application around the chat's, which is drained at the end of the server."""

    def __init__(self, talk: Conversation) -> None:
        chats = websockets(chat(talk))
        self.drain = draining.drains.pop()
        self.gateway = Gateway(chats, ProtocolTypeRouter({}))
        self.app = ProtocolTypeRouter({"websocket": chats, "http": self.gateway})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.gather(self.drain(), self.gateway.drain())
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def chatting(talk: Talk) -> Iterator[int]:
    """Serves the chat as another process would; yields its port."""
    with serving(Drained(talk), lifespan="on") as server:
        try:
            yield server.port
        finally:
            talk.go.set()


@pytest.fixture(scope="module")
def shared_talk() -> Talk:
    return Talk()


def integration(port: int) -> str:
    """What API Gateway calls of a web process."""
    return f"http://127.0.0.1:{port}{gateway.PATH}"


class InFront(NamedTuple):
    """An API Gateway; port: for pages."""

    port: int
    stand_in: StandIn

    def send_to(self, port: int) -> None:
        """Calls this web process from now on."""
        self.stand_in.integrations[:] = [integration(port)]


@contextmanager
def through_gateway(ports: Iterable[int]) -> Iterator[InFront]:
    """Serves an API Gateway in front of web processes."""
    mapping = json.loads(gateway.MAPPING.read_text(encoding="utf-8"))
    urls = [integration(port) for port in ports]
    stand_in = StandIn(urls, mapping, {"chatGatewaySecret": SECRET})
    with (
        pytest.MonkeyPatch.context() as environment,
        override_settings(CHAT_GATEWAY_SECRET=SECRET),
        serving(stand_in, lifespan="off") as server,
    ):
        address = f"http://127.0.0.1:{server.port}/live"
        environment.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", address)
        environment.setenv("CHAT_GATEWAY_SECRET", SECRET)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, os.environ.get(name, "any"))
        forget_clients()
        yield InFront(server.port, stand_in)
    forget_clients()


@pytest.fixture(scope="module")
def direct_port(shared_talk: Talk) -> Iterator[int]:
    with chatting(shared_talk) as port:
        yield port


@pytest.fixture(scope="module")
def port(direct_port: int) -> int:
    """Where pages reach the chat."""
    return direct_port


@pytest.fixture(scope="module", params=["direct", "gateway"])
def either_port(request: pytest.FixtureRequest, direct_port: int) -> Iterator[int]:
    """Where pages reach the chat, by either way in."""
    if request.param == "direct":
        yield direct_port
        return
    with through_gateway([direct_port]) as in_front:
        yield in_front.port


@pytest.fixture
def talk(shared_talk: Talk) -> Iterator[Talk]:
    """The conversation behind the port, where nothing waits from an earlier test."""
    shared_talk.go.clear()
    shared_talk.asked.clear()
    yield shared_talk
    shared_talk.go.set()


@pytest.fixture
def open_page(port: int, talk: Talk) -> Iterator[Open]:
    """Opens pages that are closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(opened(port, *arguments, **options))
