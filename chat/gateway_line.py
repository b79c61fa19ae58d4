"""One connection that API Gateway holds, as an ASGI server would hold it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from chat.threads import in_time
from mangaassist import aws
from mangaassist.body_limit import Message

GATHERED = 0.25  # seconds for which pieces of an answer are put together
MOST_BYTES = 128 * 1024  # of one message, by API Gateway's quota
MOST_GATHERED = 8_000  # characters; with the rest of the frame below 32 KB, which are billed as one
MOST_WAITING = 256  # messages of the page that nobody has looked at yet
PATIENCE = 12.0  # seconds for one call, with its two further tries
YOUNG = 3.0  # seconds in which API Gateway may not yet know what it is about to accept
AGAIN = 0.05  # seconds until such a connection is tried again

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Line:
    """What a consumer receives from and sends to; `accepted` says how its handshake ended."""

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)
        self._heard.put_nowait({"type": "websocket.connect"})
        self._began = self._loop.time()
        self._posting = asyncio.Lock()
        self._delta: dict[str, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._is_open = True
        self.accepted: asyncio.Future[bool] = self._loop.create_future()

    def hear(self, body: bytes) -> None:
        """Takes a message of the page; raises asyncio.QueueFull when too many wait."""
        message: Message
        try:
            message = {"type": "websocket.receive", "text": body.decode()}
        except UnicodeDecodeError:
            message = {"type": "websocket.receive", "bytes": body}
        self._heard.put_nowait(message)

    def leave(self, is_gone: bool = True) -> None:
        """Takes nothing more of the page. is_gone: it hears nothing more either."""
        self._is_open = self._is_open and not is_gone
        while not self._heard.empty():
            self._heard.get_nowait()
        self._heard.put_nowait({"type": "websocket.disconnect", "code": 1005})

    async def receive(self) -> Message:
        return await self._heard.get()

    async def send(self, message: Message) -> None:
        """Raises OSError when the page is gone."""
        match message["type"]:
            case "websocket.accept":
                self._answer(True)
            case "websocket.send":
                await self._put(message["text"])
            case "websocket.close":
                if self._answer(False):
                    self.leave()
                else:
                    await self.end()

    async def end(self) -> None:
        """Closes the connection when all before it is sent; does nothing the second time."""
        if not self._is_open:
            return
        try:
            await self._flush()
            await self._call(
                lambda: aws.gateway_connections().delete_connection(ConnectionId=self._connection)
            )
        except OSError:
            log.info("chat_gateway_connection_gone")
        self.leave()

    def drop(self) -> None:
        """Sends nothing more."""
        self._answer(False)
        self._is_open = False
        for each in (self._timer, self._flushing):
            if each is not None:
                each.cancel()

    def _answer(self, accepted: bool) -> bool:
        """Answers the handshake, unless that has been done."""
        if self.accepted.done():
            return False
        self.accepted.set_result(accepted)
        return True

    async def _put(self, text: str) -> None:
        frame = json.loads(text)
        if frame["type"] != "delta":
            await self._flush()
            await self._post(text if len(text.encode()) <= MOST_BYTES else shortened(frame))
            return
        joined = _joined(self._delta, frame)
        if joined is None:
            await self._flush()
        self._delta = joined or frame
        if self._timer is None:
            self._timer = self._loop.call_later(GATHERED, self._flush_soon)

    def _flush_soon(self) -> None:
        self._flushing = self._loop.create_task(self._flush_late())

    async def _flush_late(self) -> None:
        try:
            await self._flush()
        except OSError:
            log.info("chat_gateway_connection_gone")

    async def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        delta, self._delta = self._delta, None
        if delta is not None:
            await self._post(_encoded(delta))
        else:
            async with self._posting:
                pass  # What was taken before us is on its way.

    async def _post(self, text: str) -> None:
        async with self._posting:
            await self._call(
                lambda: aws.gateway_connections().post_to_connection(
                    ConnectionId=self._connection, Data=text.encode()
                )
            )

    async def _call(self, function: Callable[[], T]) -> T:
        while self._is_open:
            try:
                return await in_time(function, PATIENCE)
            except ClientError as error:
                is_gone = error.response["Error"]["Code"] == "GoneException"
                is_young = self._loop.time() < self._began + YOUNG
                if not (is_gone and is_young):
                    self._fail(error, is_gone)
            except (BotoCoreError, TimeoutError) as error:
                self._fail(error, is_gone=False)
            await asyncio.sleep(AGAIN)
        raise ConnectionResetError("The page is gone.")

    def _fail(self, error: Exception, is_gone: bool) -> None:
        if not is_gone:
            log.warning("chat_gateway_failed", error=f"{type(error).__name__}: {error}")
        self.leave(is_gone)
        raise ConnectionResetError("The page cannot be reached.") from error


def shortened(frame: dict[str, Any]) -> str:
    """A history without its oldest turns, so many that it fits; anything else as it is."""
    while len(_encoded(frame).encode()) > MOST_BYTES and len(frame.get("turns", ())) > 1:
        frame = {**frame, "turns": frame["turns"][1:], "more": True}
    return _encoded(frame)


def _joined(first: dict[str, Any] | None, second: dict[str, Any]) -> dict[str, Any] | None:
    """Two pieces of one answer as one, with the number of the second."""
    if first is None or first["of"] != second["of"]:
        return None
    text = first["text"] + second["text"]
    return {**second, "text": text} if len(text) <= MOST_GATHERED else None


def _encoded(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
