"""What tests of the chat share: an AWS account, a web process, a served chat."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest

from chat import keeping, later, retrieval, reviews, sessions
from chat.composing import Composed, spoken
from chat.conversation import Conversation
from chat.routing import chat, websockets
from chat.turns import Answer, History, Turn
from mangaassist import activity, aws, draining, iam
from mangaassist.body_limit import Receive, Scope, Send
from mangaassist.broker.urls import queue_url
from mangaassist.pools import WEBSOCKET
from mangaassist.provision import provision
from mangaassist.resources import Queue, Role
from tests.chat import store
from tests.chat.page import Page, opened
from tests.chat.talking import Talk
from tests.mangaassist.conftest import Account, account, forget_clients, provisioned
from tests.mangaassist.server import serving

__all__ = ["account", "provisioned"]

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
        return Composed("Answer.", [*spoken(history), asked], lambda text: text)

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
    return acting(account, iam.policy(role, "us-east-1", account.number))


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
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: ())


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
        self.app = websockets(chat(talk))
        self.drain = draining.drains.pop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.drain()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def chatting(talk: Talk) -> Iterator[int]:
    """Serves the chat as another process would; yields its port."""
    with serving(Drained(talk), lifespan="on") as server:
        yield server.port
        talk.go.set()


@pytest.fixture(scope="module")
def shared_talk() -> Talk:
    return Talk()


@pytest.fixture(scope="module")
def port(shared_talk: Talk) -> Iterator[int]:
    with chatting(shared_talk) as port:
        yield port


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
