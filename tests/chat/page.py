"""A page's connection in a test, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.core import signing
from websockets.sync.client import ClientConnection, connect

from chat.visitors import COOKIE, SALT, new_visitor
from tests.mangaassist.server import SOON

Frame = dict[str, Any]


class Page:
    def __init__(self, web: ClientConnection, session: str) -> None:
        self.web = web
        self.session = session
        self.ready = self.frame()

    def frame(self, seconds: float = SOON) -> Frame:
        return dict(json.loads(self.web.recv(seconds)))

    def until(self, kind: str, seconds: float = SOON, *, of: str = "") -> list[Frame]:
        """Frames up to the first of a type; seconds: for each; of: a message it must be about."""
        found = [self.frame(seconds)]
        while found[-1]["type"] != kind or (of and found[-1]["of"] != of):
            found.append(self.frame(seconds))
        return found

    def say(self, action: str, **data: Any) -> None:
        self.web.send(json.dumps({"action": action, "data": data}))

    def ask(self, message: str) -> str:
        of = str(uuid4())
        self.say("sendMessage", id=of, message=message)
        return of


@contextmanager
def opened(
    port: int, session: str = "", language: str = "ja", *, login: str = "", **options: Any
) -> Iterator[Page]:
    """login: the key of a logged-in user's session."""
    session = session or new_visitor()
    with connect(
        f"ws://127.0.0.1:{port}/ws/chat/?lang={language}",
        origin=options.pop("origin", f"http://127.0.0.1:{port}"),
        additional_headers={"Cookie": f"{COOKIE}={sealed(session)}; sessionid={login}"},
        compression=None,
        **options,
    ) as web:
        yield Page(web, session)


def written(frames: list[Frame]) -> str:
    """The pieces of an answer, which may come one by one or put together."""
    return "".join(frame["text"] for frame in frames if frame["type"] == "delta")


def sealed(session: str) -> str:
    return signing.TimestampSigner(salt=SALT).sign(session)
