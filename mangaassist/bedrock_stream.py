"""Calls Claude on Amazon Bedrock and gives the answer while it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from mangaassist import activity, limiter, metrics
from mangaassist.bedrock_call import Call, Guardrail
from mangaassist.bedrock_events import Assembly
from mangaassist.bedrock_wire import STREAMED, request_id
from mangaassist.deadline import Deadline
from mangaassist.errors import Failure, Temporary, Throttled, classify
from mangaassist.event_stream import chunks
from mangaassist.incoming import Incoming
from mangaassist.mailbox import Mailbox
from mangaassist.pools import Pool

STALL = 5.0  # seconds without an event, once the answer has begun
GRACE = 1.0  # seconds for a thread to say itself why it has nothing
LEASE = 5.0  # seconds after the deadline; then a killed process's permit is free again
CAUGHT_UP = 0.001  # seconds that a read waited if no more had come
GATHERING = 0.25  # seconds in which more comes, so that a thread reads seldom and much at once
MANY = 60  # answers at a time of this process; then three times as much gathers
STOPPED = "stopped"  # the stop reason of an answer that somebody broke off


@dataclass(frozen=True)
class Piece:
    """Text that has come since the last piece."""

    text: str


@dataclass(frozen=True)
class Bill:
    """What a call used, by the model's count or, when it was broken off, by what is known of it."""

    stop_reason: str
    input_tokens: int
    output_tokens: int
    request_id: str


class StreamBroken(Temporary):
    """The answer had begun, perhaps without a word yet, and will not be finished.

    code: `stalled`, `deadline`, `ended_early`, or that of the error.
    """

    def __init__(self, code: str, message: str, bill: Bill) -> None:
        super().__init__(code, message)
        self.bill = bill


async def stream(
    model_id: str,
    system: str,
    messages: Sequence[Mapping[str, str]],
    max_tokens: int,
    *,
    pool: Pool,
    patience: float,
    deadline: Deadline,
    stopped: asyncio.Event | None = None,
    guardrail: Guardrail | None = None,
) -> AsyncGenerator[Piece | Bill]:
    """Sends one conversation when the limiter lets it; yields pieces, then one bill.

    messages: alternating {"role", "content"}, user first and last; patience: seconds for a thread
    and the limiter; stopped: breaks the answer off when it is set, as closing the iterator does.
    Raises a Failure before the answer begins, Throttled `limiter_busy` when the call did not go
    out, and StreamBroken afterwards.
    """
    call = Call(model_id, pool, system, messages, max_tokens, guardrail)
    reading = _Reading(call, patience, deadline)
    thread = asyncio.wrap_future(_threads(activity.permits.limit).submit(reading.run))
    watch = asyncio.create_task(_stop(reading, stopped)) if stopped else None
    try:
        async for piece in reading.pieces():
            yield piece
        yield reading.bill()
    finally:
        reading.break_off(STOPPED)
        thread.cancel()
        if watch:
            watch.cancel()


def gathering(answers: int) -> float:
    """Seconds in which a thread lets more text come, where so many are written at a time."""
    return GATHERING * (1 + 2 * min(1.0, answers / MANY))


async def _stop(reading: _Reading, stopped: asyncio.Event) -> None:
    await stopped.wait()
    reading.break_off(STOPPED)


@cache
def _threads(most: int) -> ThreadPoolExecutor:
    """One thread for each permit of this process: more would only wait for one."""
    return ThreadPoolExecutor(most, thread_name_prefix="bedrock-stream")


class _Reading:
    """One call between the thread that reads it and the coroutine that passes it on."""

    def __init__(self, call: Call, patience: float, deadline: Deadline) -> None:
        self._call = call
        self._deadline = deadline
        self._turn = Deadline(deadline.within(patience))
        self._pause = patience + GRACE  # seconds that may pass before the next news
        self._mailbox = Mailbox()
        self._answer = Assembly()
        self._request_id = ""  # there is one once the answer has begun
        self._is_asked = False
        self._incoming: Incoming | None = None
        self._broken_off = ""  # why
        self._failure: Failure | None = None
        self._ended = False

    def bill(self) -> Bill:
        answer = self._answer
        reason = answer.stop_reason if answer.complete else self._broken_off
        return Bill(reason, answer.input_tokens, answer.output_tokens, self._request_id)

    def break_off(self, why: str) -> None:
        """Ends the reading, even inside a blocked read; the first reason counts.

        A call whose answer has not begun cannot be reached: its thread notices when it does.
        """
        self._broken_off = self._broken_off or why
        self._mailbox.close()
        self._mailbox.wake()
        if self._incoming is not None:
            self._incoming.hang_up()

    async def pieces(self) -> AsyncGenerator[Piece]:
        """Raises the failure of the call."""
        is_over = False
        while not is_over:
            try:
                text = await self._mailbox.take(self._deadline.within(self._pause))
            except TimeoutError:
                self._give_up()
                continue
            is_over = self._ended or bool(self._broken_off)
            if text:
                yield Piece(text)
        if self._failure is not None:
            raise self._told(self._failure)
        if self._broken_off not in ("", STOPPED):
            raise self._told(_failure_of(self._broken_off))

    def _give_up(self) -> None:
        if not self._is_asked:
            self.break_off("limiter_busy")
        elif not self._deadline.left():
            self.break_off("deadline")
        else:
            self.break_off("stalled" if self._request_id else "unanswered")

    def _told(self, failure: Failure) -> Failure:
        if not self._request_id:
            return failure
        return StreamBroken(failure.code, failure.message, self.bill())

    def run(self) -> None:
        """The whole call, in its thread; tells the coroutine how it ended."""
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, the coroutine must hear of it
            self._failure = classify(error)
        self._ended = True
        self._mailbox.wake()

    def _ask(self) -> None:
        call, lease = self._call, self._deadline.left() + LEASE
        with limiter.permit(
            call.model_id, call.pool, call.reserved,
            lease=lease, patience=self._turn.left(), hasty=True,
        ) as permit:  # fmt: skip
            if self._broken_off:
                permit.settle(0)
                return
            self._is_asked = True
            self._expect(call.patience + GRACE)
            try:
                with call.measured():
                    self._read()
            finally:
                if bill := self._used():
                    permit.settle(call.model.quota_tokens(*bill))

    def _used(self) -> tuple[int, int] | None:
        """Counts what the call cost; None when the model had not begun to say so."""
        used = self._answer.input_tokens, self._answer.output_tokens
        if not used[0]:
            return None
        self._call.record_bill(*used)
        self._call.learn(used[0])
        return used

    def _read(self) -> None:
        """Passes on what comes. Raises a Failure unless all came or somebody stopped it."""
        begun = time.monotonic()
        longest = self._deadline.within(self._call.patience)
        try:
            with self._call.sent(STREAMED, longest) as self._incoming:
                self._request_id = request_id(self._incoming)
                if not self._broken_off:  # Who did so before could not hang up.
                    self._expect(STALL)
                    self._pass_on(self._incoming.parts(), begun)
        except Exception as error:
            if not self._broken_off:
                raise self._call.failure(error, f"bedrock:{STREAMED}") from error
        if self._broken_off not in ("", STOPPED):
            raise _failure_of(self._broken_off)
        if not self._broken_off and not self._answer.complete:
            raise _failure_of("ended_early")

    def _pass_on(self, parts: Iterator[bytes], begun: float) -> None:
        """Tells the coroutine what comes. begun: when the call did, by the steady clock."""
        held = bytearray()
        is_silent, is_caught_up = True, False
        asked_at = time.monotonic()
        for part in parts:
            # A part is all that has come, so who has caught up once does so with each.
            is_caught_up |= time.monotonic() - asked_at > CAUGHT_UP
            held += part
            text = self._take(held)
            if text and is_silent:
                self._call.record_since(metrics.TIME_TO_FIRST_TOKEN, begun)
                is_silent = False
            if self._broken_off:
                return
            if text and is_caught_up and not self._answer.complete:
                time.sleep(gathering(activity.permits.in_use))
            asked_at = time.monotonic()

    def _take(self, held: bytearray) -> str:
        """Takes what has come whole, even before damage, and returns the text."""
        texts: list[str] = []
        try:
            for chunk in chunks(held):
                texts.append(self._answer.take(chunk))
        finally:
            text = "".join(texts)
            if not text:
                self._mailbox.wake()
            elif not self._mailbox.put(text, self._deadline.left()):
                self.break_off("deadline")
        return text

    def _expect(self, seconds: float) -> None:
        self._pause = seconds
        self._mailbox.wake()


def _failure_of(why: str) -> Failure:
    """What the reason for breaking off means."""
    match why:
        case "limiter_busy":
            return Throttled(why, "No thread was free for the call in time.")
        case "unanswered":
            return Temporary(why, "Bedrock did not begin to answer in time.")
        case "stalled":
            return Temporary(why, f"Bedrock's answer stood still for {STALL:g} s.")
        case "ended_early":
            return Temporary(why, "Bedrock's answer ended without saying so.")
    return Temporary(why, "The time for the answer is over.")
