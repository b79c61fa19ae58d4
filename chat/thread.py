"""The thread of a session: its server frames, numbered and kept in Redis for ten minutes.

One script writes frames, gives them their numbers and publishes them, so that the log and every tab
have the same order. Without Redis each method says so by None, after 0.6 s at most.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from redis.exceptions import NoScriptError

from chat import thread_scripts as scripts
from chat.thread_scripts import Script
from chat.wire import Wire
from mangaassist.rates import Bucket

LEASE = 8.0  # seconds after which the reply of a killed process is known to be abandoned
STOP_KEPT = 60  # seconds; a reply has ended by then
STOP = "stop "  # what begins a published word that is no frame

Part = Literal["run", "end", "other"]


@dataclass(frozen=True)
class Tail:
    """What the log holds after a number.

    n: its last number; complete: whether nothing after the asked number is missing but deltas of
    ended replies; frames: (number, JSON).
    """

    n: int
    complete: bool
    frames: list[tuple[int, str]]

    def clearing(self, after: int) -> str | None:
        """The frame behind a number that says that what was before it is gone."""
        later = (text for n, text in self.frames if n > after)
        return next((text for text in later if kind_of(text) == "cleared"), None)

    def before_unanswered(self) -> int:
        """The number before the first frame of a message without a final one; else the last."""
        first: dict[str, int] = {}
        for n, text in self.frames:
            frame = json.loads(text)
            if frame["type"] == "accepted":
                first[frame["of"]] = n
            elif frame["type"] == "done":
                first.pop(frame["of"], None)
        return min(first.values(), default=self.n + 1) - 1


class Claim(NamedTuple):
    """What a process finds that wants to answer a message.

    state: 0 when nobody had it, less while another reply to it runs, or the number of its final
    frame; stopped: whether somebody wants it to stop; n: the number of the thread's last frame, 0
    without one.
    """

    state: int
    stopped: bool
    n: int


class ThreadLog:
    """The logs of all sessions. lease: seconds for which a silent reply is believed to run."""

    def __init__(self, url: str) -> None:
        self._wire = Wire(url)

    async def claim(self, session: str, of: str, lease: float = LEASE) -> Claim | None:
        """Takes a message for this process, unless it has another state already."""
        keys = [*_keys(session), _stop_key(session, of)]
        found = await self._run(scripts.CLAIM, keys, of, lease)
        return found and Claim(int(found[0]), bool(found[1]), int(found[2]))

    async def renew(self, session: str, of: str, lease: float) -> None:
        """Says that the reply still runs; an append of it says so too."""
        await self._run(scripts.RENEW, _keys(session), of, lease)

    async def release(self, session: str, of: str) -> None:
        """Forgets a message that was not accepted after all."""
        await self._run(scripts.RELEASE, _keys(session), of)

    async def append(
        self, session: str, frames: Sequence[str], part: Part, of: str = "",
        heard: bool = False, lease: float = LEASE,
    ) -> int | None:  # fmt: skip
        """Writes encoded frames and sends them to all tabs; returns the number of the last.

        part: of a running reply, its end, or anything else; heard: whether this process hears the
        session, so that only others must be told. 0: the reply has ended already and the frames
        were thrown away, or somebody cleared the session.
        """
        about = (channel_of(session), of, part, lease, int(heard))
        n = await self._run(scripts.APPEND, _keys(session), *about, *frames)
        return None if n is None else int(n)

    async def read(self, session: str, after: int) -> Tail | None:
        answer = await self._run(scripts.READ, _keys(session), after)
        if answer is None:
            return None
        last, floor, exists, entries = answer
        n = int(last)
        reaches = after == n or (bool(exists) and int(floor) <= after < n)
        return Tail(n, reaches, [(int(id.partition("-")[0]), text) for id, (_, text) in entries])

    async def frame(self, session: str, n: int) -> str | None:
        """One frame, if it is still there."""
        tail = await self.read(session, n - 1)
        return next((text for number, text in tail.frames if number == n), None) if tail else None

    async def running(self, session: str) -> dict[str, bool] | None:
        """Messages without a final frame, and whether somebody still works on each."""
        found = await self._run(scripts.RUNNING, _keys(session))
        if found is None:
            return None
        return {of: bool(alive) for of, alive in zip(found[::2], found[1::2], strict=True)}

    async def stop(self, session: str, of: str) -> None:
        """Tells whichever process answers the message to stop."""
        await self._wire.say("SET", _stop_key(session, of), 1, "EX", STOP_KEPT)
        await self._wire.say("PUBLISH", channel_of(session), f"{STOP}{of}")

    async def take(self, session: str, rate: Bucket) -> float | None:
        """Seconds until the visitor may ask, 0.0 when it may now and was charged."""
        keys = [f"{{chat:{session}}}:rate"]
        wait = await self._run(scripts.TAKE, keys, rate.rate, rate.burst, 1.0)
        return None if wait is None else float(wait)

    async def clear(self, session: str) -> None:
        """Throws the frames of a session away; numbers go on."""
        await self._run(scripts.CLEAR, _keys(session))

    def close(self) -> None:
        self._wire.close()

    async def _run(self, script: Script, keys: Sequence[str], *arguments: str | float) -> Any:
        """What a script returns; None when there is no answer."""
        try:
            return await self._wire.say("EVALSHA", script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self._wire.say("EVAL", script.text, len(keys), *keys, *arguments)


def channel_of(session: str) -> str:
    return f"chat:{session}"


def number_of(text: str) -> int:
    """The number of a frame's JSON as the log holds it."""
    return int(text[len('{"n":') : text.index(",")])


def kind_of(text: str) -> str:
    """The type of a frame's JSON, with a number or without."""
    begin = text.index('"type":"') + len('"type":"')
    return text[begin : text.index('"', begin)]


def _keys(session: str) -> list[str]:
    return [f"{{chat:{session}}}:{name}" for name in ("head", "log", "messages")]


def _stop_key(session: str, of: str) -> str:
    return f"{{chat:{session}}}:stop:{of}"
