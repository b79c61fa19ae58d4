"""The other end of the page's socket, which a test plays frame by frame.

Connections are greeted, pings, histories and resumptions answered; the rest is for the test to say.
"""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import Awaitable, Callable
from typing import Any

from tests.mangaassist.server import SOON

LIMITS = {"characters": 4_000, "bytes": 24_576, "tokens": 5_000}

Frame = dict[str, Any]
Send = Callable[[Frame], Awaitable[None]]
Receive = Callable[[], Awaitable[Frame]]


class Counterpart:
    """An ASGI application of one session. log: its numbered frames; turns: its history."""

    def __init__(self) -> None:
        self.log: list[Frame] = []
        self.turns: list[Frame] = []
        self.summary: str | None = None
        self.page_size = 50  # turns in one history frame
        self.has_history = True  # and answers who asks for it
        self._heard: queue.Queue[Frame] = queue.Queue()
        self._connections: set[Send] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Frame, receive: Receive, send: Send) -> None:
        assert scope["path"] == "/ws/chat/"
        self._loop = asyncio.get_running_loop()
        await receive()
        await send({"type": "websocket.accept"})
        await self._answer(send, self._ready())
        self._connections.add(send)
        while (event := await receive())["type"] != "websocket.disconnect":
            await self._hear(json.loads(event["text"]), send)
        self._connections.discard(send)

    def say(self, kind: str, **fields: Any) -> None:
        """Sends a numbered frame to every tab, and keeps it for who resumes."""
        frame = {"n": len(self.log) + 1, "type": kind, **fields}
        self.log.append(frame)
        self._everywhere(frame)

    def tell(self, kind: str, **fields: Any) -> None:
        """Sends a frame that has no number."""
        self._everywhere({"type": kind, **fields})

    def drop(self) -> None:
        """Closes every connection."""
        connections, self._connections = self._connections, set()
        for send in connections:
            self._run(send({"type": "websocket.close", "code": 1011}))

    def expect(self, action: str) -> Any:
        """The data of the next frame with this action; frames before it are passed over."""
        while (frame := self._heard.get(timeout=SOON))["action"] != action:
            pass
        return frame["data"]

    def heard(self) -> list[str]:
        """The actions of all frames that nobody expected yet."""
        return [self._heard.get_nowait()["action"] for _ in range(self._heard.qsize())]

    def answer(self, text: str, state: str = "complete", **fields: Any) -> Frame:
        """Accepts the next message and answers it whole. Returns the message."""
        message: Frame = self.expect("sendMessage")
        number = len(self.log)
        self.say("accepted", of=message["id"], turn=number, message=message["message"])
        self.say("done", of=message["id"], turn=number + 1, state=state, text=text, **fields)
        return message

    def _ready(self) -> Frame:
        return {
            "type": "ready",
            "session": "one",
            "language": "ja",
            "limits": LIMITS,
            "n": len(self.log),
        }

    async def _hear(self, frame: Frame, send: Send) -> None:
        data = frame["data"]
        if frame["action"] == "ping":
            await self._answer(send, {"type": "pong"})
        elif frame["action"] == "getHistory" and self.has_history:
            await self._answer(send, self._history(data.get("before")))
        elif frame["action"] == "resume":
            for entry in self.log[data["after"] :]:
                await self._answer(send, entry)
        self._heard.put(frame)

    def _history(self, before: int | None) -> Frame:
        turns = [turn for turn in self.turns if before is None or turn["turn"] < before]
        shown = turns[-self.page_size :]
        more = len(shown) < len(turns)
        return {"type": "history", "turns": shown, "summary": self.summary, "more": more}

    def _everywhere(self, frame: Frame) -> None:
        for send in list(self._connections):
            self._run(self._answer(send, frame))

    @staticmethod
    async def _answer(send: Send, frame: Frame) -> None:
        await send({"type": "websocket.send", "text": json.dumps(frame)})

    def _run(self, sending: Any) -> None:
        assert self._loop
        asyncio.run_coroutine_threadsafe(sending, self._loop).result(SOON)
