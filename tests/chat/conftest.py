"""An AWS account that all tests of the chat share, a web process, and a catalogue without titles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from chat import keeping, later, retrieval, reviews, sessions
from chat.composing import Composed, spoken
from chat.turns import Answer, History, Turn
from mangaassist import activity, aws, iam
from mangaassist.broker.urls import queue_url
from mangaassist.pools import WEBSOCKET
from mangaassist.provision import provision
from mangaassist.resources import Queue, Role
from tests.chat import store
from tests.mangaassist.conftest import Account, account, forget_clients, provisioned

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


def talk(session: str, answer: Answer, count: int = 1) -> list[Turn]:
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
