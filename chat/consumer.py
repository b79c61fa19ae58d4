"""One WebSocket connection of a page: what it says, what it is sent, and when it ends."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Set
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chat import frames
from chat.connections import Connections
from chat.conversation import Asked
from chat.feed import Feed
from chat.identity import Login
from chat.lateness import Lateness
from chat.limits import TOO_FAST, TOO_MANY, UNAVAILABLE, Pace, address_of, bucket
from chat.outbox import Outbox
from chat.running import May, always
from chat.server_frames import Closing, FeedbackSaved, History, Pong, Ready, Refused, ServerFrame
from chat.silence import Silence
from mangaassist import metrics
from mangaassist.language import Language, accepted, named
from mangaassist.messages import Parameters, Texts
from mangaassist.validation import MESSAGE_BYTES, MOST_GRAPHEMES, MOST_TOKENS

CLOSE_CODES = {"deploy": 1012, "idle": 1000, "too_old": 1000, "flood": 1008, "signed_out": 1008}
LIMITS = {"characters": MOST_GRAPHEMES, "bytes": MESSAGE_BYTES, "tokens": MOST_TOKENS}
PLACE_WAIT = 5.0  # seconds after which an answer that is written now has probably ended
SOON = 1.0  # seconds after which a page may come back

log = structlog.get_logger(__name__)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Hears its session as a member of the hub."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._outbox = Outbox(self._send, self._cut)
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._main = asyncio.current_task()
        self._is_cut = self._is_gone = False
        self._opened_at = self._heard_at = self._loop.time()
        self._pace = Pace(bucket(settings.CHAT_CONNECTION_RATE), self._opened_at)
        self.session = ""
        self.language = Language.JA
        self._feed: Feed | None = None
        self._silence = Silence(self._ask_after, self.missed)
        self._lateness = Lateness(lambda: connections.hub.hears(self.session), self._read_late)

    # The connection

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_cut:
                raise
        finally:
            await self._forget()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' look at old database connections: no method here has one."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self._login = Login(self.scope)
        if self._login.session is None:
            await self.close()
            return
        self.session = session = self._login.session
        self.language = _language(self.scope)
        await self.accept()
        self._feed = Feed(self._connections.thread, session, self.tell)
        await self._connections.enter(self)
        n = await self._feed.begin()
        self._put(Ready(session, self.language, LIMITS, n))
        self._connections.running.watch(session, self.language)
        self._look_at_clock()
        if self._connections.draining:
            self._end_soon("deploy")

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Takes one frame; whatever goes wrong with it is told, and the connection lives on."""
        self._heard_at = self._loop.time()
        if wait := self._pace.take(self._heard_at):
            self._too_fast(wait, None)
            if self._pace.is_flood:
                self._end_soon("flood")
            return
        if not await self._login.holds():
            self._end_soon("signed_out")
            return
        try:
            frame = frames.parse(text_data if text_data is not None else bytes_data or b"")
            await self._take(frame)
        except frames.BadFrame as bad:
            self._refuse(bad.code, frames.SENTENCES[bad.code], bad.parameters)
        except Exception:
            log.exception("chat_frame_failed", session=self.session)
            self._refuse("unavailable", UNAVAILABLE, {}, retry_after=SOON)

    async def end(self, reason: str, retry_after: float) -> None:
        """Says why, and closes the connection when all before it is sent."""
        self._put(Closing(reason, round(retry_after, 1)))
        await self._outbox.flush()
        await self.close(CLOSE_CODES[reason])

    # A member of the hub

    def deliver(self, n: int, text: str) -> None:
        if self._feed is not None:
            self._feed.deliver(n, text)

    def tell(self, text: str) -> None:
        if self._is_gone:
            return
        self._silence.hear(text)
        self._lateness.hear(text)
        self._outbox.put(text)

    def stop(self, of: str) -> None:
        """Nothing: that is for replies."""

    def missed(self) -> None:
        if self._feed is not None:
            self._feed.catch_up()
        self._connections.running.watch(self.session, self.language)

    # Frames

    async def _take(self, frame: frames.ClientFrame) -> None:
        running, conversation = self._connections.running, self._connections.conversation
        match frame:
            case frames.SendMessage() | frames.Regenerate():
                await self._ask(frame)
            case frames.Stop(of):
                await running.stop(self.session, of)
            case frames.ClearSession():
                await running.clear(self.session)
            case frames.Feedback(of):
                await conversation.feedback(self.session, frame)
                self._put(FeedbackSaved(of))
            case frames.Ping():
                self._put(Pong())
            case _:
                await self._show(frame)

    async def _ask(self, frame: frames.SendMessage | frames.Regenerate) -> None:
        if self._connections.draining:
            self._refuse("unavailable", UNAVAILABLE, {}, frame.id, SOON)
            return
        wanted = frame.preferred_language if isinstance(frame, frames.SendMessage) else None
        asked = Asked(self.session, frame, wanted or self.language)
        pause = self._connections.pause_here(self.session)
        # Who asks too fast gets nothing looked up.
        self._begin(asked, partial(self._may_ask, asked, pause), early=not pause)

    def _begin(self, asked: Asked, may: May = always, early: bool = False) -> None:
        if not self._connections.running.ask(asked, self, address_of(self.scope), may, early):
            seconds = {"seconds": int(PLACE_WAIT)}
            self._refuse("too_many_replies", TOO_MANY, seconds, asked.of, PLACE_WAIT)

    async def _may_ask(self, asked: Asked, pause: float) -> bool:
        """Charges the visitor, or says how long to wait."""
        try:
            wait = await self._connections.pause(self.session, pause)
        except Exception:
            log.exception("chat_rate_unknown", session=self.session)
            self._refuse("unavailable", UNAVAILABLE, {}, asked.of, SOON)
            return False
        if wait:
            self._too_fast(wait, asked.of)
            return False
        metrics.REQUESTS_BY_LANGUAGE.record(preferredLanguage=asked.language)
        return True

    async def _show(self, frame: frames.Resume | frames.GetHistory) -> None:
        """Sends what came after a frame, or turns; the latest when the log does not reach back."""
        conversation, feed = self._connections.conversation, self._feed
        match frame:
            case frames.GetHistory(int(before)):
                self._put(await conversation.history(self.session, before))
            case frames.Resume(after) if feed and await feed.resume(after):
                pass
            case _ if feed:
                after = frame.after if isinstance(frame, frames.Resume) else 0
                history = await feed.start_over(conversation, after)
                self._lateness.expect(history.deferred())
                self._take_up(history, await self._lost(history.unanswered()))
        self._connections.running.watch(self.session, self.language)

    async def _ask_after(self, silent: Set[str]) -> None:
        """Takes answers up of which neither this tab nor Redis knows anything any more."""
        if lost := await self._lost(silent):
            self._take_up(await self._connections.conversation.history(self.session, None), lost)

    async def _lost(self, messages: Set[str]) -> Set[str]:
        """Those that nobody is known to answer: their process died, or Redis lost its words."""
        return messages and messages - await self._connections.running.known(self.session)

    def _take_up(self, history: History, messages: Set[str]) -> None:
        """Ends messages with what is stored, or with an answer that is begun anew."""
        if self._connections.draining:
            return
        for of, text in history.questions().items():
            if of in messages:
                asked = Asked(self.session, frames.SendMessage(of, text), self.language)
                self._begin(asked)

    async def _read_late(self, messages: Set[str]) -> None:
        history = await self._connections.conversation.history(self.session, None)
        for frame in history.late(messages):
            self.tell(frame.encoded())

    def _refuse(
        self, code: str, texts: Texts, parameters: Parameters,
        of: str | None = None, retry_after: float | None = None,
    ) -> None:  # fmt: skip
        metrics.HTTP_400.record(preferredLanguage=self.language, Reason=code)
        message = texts.text(self.language, parameters)
        self._put(Refused(code, message, parameters, of, retry_after))

    def _too_fast(self, wait: float, of: str | None) -> None:
        parameters = {"seconds": math.ceil(wait)}
        self._refuse("rate_limited", TOO_FAST, parameters, of, math.ceil(wait * 10) / 10)

    def _put(self, frame: ServerFrame) -> None:
        self._outbox.put(frame.encoded())

    async def _send(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    # The end

    def _look_at_clock(self) -> None:
        """Ends the connection when it is idle or too old, and else looks again then."""
        now = self._loop.time()
        too_old = self._opened_at + settings.CHAT_LIFE_SECONDS
        idle = self._heard_at + settings.CHAT_IDLE_SECONDS
        if now >= min(too_old, idle):
            self._end_soon("too_old" if now >= too_old else "idle")
        else:
            self._timer = self._loop.call_at(min(too_old, idle), self._look_at_clock)

    def _end_soon(self, reason: str) -> None:
        if self._ending is None:
            self._ending = self._loop.create_task(self.end(reason, SOON))

    def _cut(self) -> None:
        """Leaves a reader that is too slow; no word would reach it."""
        log.info("chat_reader_too_slow", session=self.session)
        self._is_cut = True
        if self._main is not None:
            self._main.cancel()

    async def _forget(self) -> None:
        self._is_gone = True
        self._outbox.drop()
        if self._timer is not None:
            self._timer.cancel()
        if self._ending is not None:
            self._ending.cancel()
        self._silence.close()
        self._lateness.close()
        if self._feed is not None:
            self._feed.close()
            await self._connections.leave(self)


def _language(scope: dict[str, Any]) -> Language:
    """The one that the page was shown in, and else the browser's."""
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    header = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
    return named(wanted) or accepted(header.decode("latin-1"))
