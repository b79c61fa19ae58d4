"""Sends a reply at its pace, whole or token by token, and breaks off where a fault says so."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.bedrock.faults import Fault
from local.bedrock.latency import Pace
from local.bedrock.models import Model
from local.bedrock.reply import Reply
from local.bedrock.wire import Exchange, chunk, exception

TICK = 0.001  # seconds; tokens that are due together go out together
NOT_JSON = b"<html>upstream error</html>"
INTERRUPTIONS = {"hang", "cut", "silent_end"}

Event = tuple[float, int, bytes]  # when it is due, the tokens written with it, its frame


@dataclass
class Delivery:
    """One reply on its way to one client.

    per_event: tokens of one event; written: tokens that the model wrote.
    """

    exchange: Exchange
    model: Model
    input_tokens: int
    reply: Reply
    pace: Pace
    fault: Fault | None
    per_event: int = 1
    written: int = 0

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        self._begun = self._started + (self.fault.seconds if self.fault else 0.0)

    async def whole(self) -> None:
        """Answers InvokeModel."""
        await self._sleep_until(len(self.reply.tokens))
        self.written = len(self.reply.tokens)
        body = self.reply.message(self._head(), self.input_tokens)
        headers = {
            "x-amzn-bedrock-invocation-latency": str(self._milliseconds()),
            "x-amzn-bedrock-input-token-count": str(self.input_tokens),
            "x-amzn-bedrock-output-token-count": str(self.written),
        }
        body = NOT_JSON if self._malformed else body
        await self.exchange.respond(200, body, headers, cut=self._is("cut"))

    async def stream(self) -> None:
        """Answers InvokeModelWithResponseStream."""
        strike = self._strikes_at()
        events = deque(self._events(len(self.reply.tokens) if strike is None else strike))
        done = asyncio.get_running_loop().create_future()
        await self._sleep_until(0)
        headers = {
            "content-type": "application/vnd.amazon.eventstream",
            "x-amzn-bedrock-content-type": "application/json",
        }
        await self.exchange.start(200, headers)
        first_byte = self._milliseconds()
        self._write(self.reply.opening(self._head(), self.input_tokens), events, done)
        await done
        if self.fault and strike is not None:
            await self._strike(self.fault)
            return
        await self._sleep_until(self.written)
        await self.exchange.body(self.reply.closing(self._metrics(first_byte)))

    def _events(self, length: int) -> Iterator[Event]:
        """The parts of the first so many tokens."""
        tokens, size = self.reply.tokens, self.per_event
        for begin in range(0, length, size):
            end = min(length, begin + size)
            frame = self.reply.delta("".join(tokens[begin:end]))
            yield self._begun + self.pace.due(begin), end, frame

    def _write(self, due: bytes, events: deque[Event], done: asyncio.Future[None]) -> None:
        """Writes what is due by now and calls itself when more is: a task would cost more."""
        if done.cancelled():
            return
        soon = time.monotonic() + TICK
        while events:
            when, written, frame = events[0]
            if when > soon:
                done.get_loop().call_later(when - soon + TICK, self._write, b"", events, done)
                break
            events.popleft()
            due += frame
            self.written = written
        else:
            done.set_result(None)
        self.exchange.write(due)

    def _strikes_at(self) -> int | None:
        """The number of tokens after which the stream breaks; halfway if the fault names none."""
        if not self.fault or not (
            self.fault.error or self._malformed or self.fault.fault in INTERRUPTIONS
        ):
            return None
        length = len(self.reply.tokens)
        return length // 2 if self.fault.at_token is None else min(self.fault.at_token, length)

    async def _strike(self, fault: Fault) -> None:
        if fault.error:
            await self.exchange.body(exception(fault.error))
        elif fault.fault == "hang":
            await self.exchange.disconnected()
        elif fault.fault == "silent_end":
            await self.exchange.body(b"")
        elif fault.fault == "malformed":
            await self.exchange.body(chunk(NOT_JSON))
        # A cut needs nothing: the server closes the connection of an unfinished response.

    @property
    def _malformed(self) -> bool:
        return self._is("malformed") and self.fault is not None and self.fault.value != "text"

    def _is(self, name: str) -> bool:
        return self.fault is not None and self.fault.fault == name

    def _head(self) -> dict[str, Any]:
        id = "msg_bdrk_" + self.exchange.request_id.replace("-", "")[:24]
        return {"id": id, "type": "message", "role": "assistant", "model": self.model.name}

    def _metrics(self, first_byte: int) -> dict[str, int]:
        return {
            "inputTokenCount": self.input_tokens,
            "outputTokenCount": self.written,
            "invocationLatency": self._milliseconds(),
            "firstByteLatency": first_byte,
        }

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1_000)

    async def _sleep_until(self, token: int) -> None:
        seconds = self._begun + self.pace.due(token) - time.monotonic()
        if seconds > 0:
            await asyncio.sleep(seconds)
