"""The thread of a session: its server frames, numbered and kept in Redis for ten minutes.

One script writes a frame, gives it its number and publishes it, so that the log and every tab have
the same order. Without Redis each method says so by None, and nobody waits longer than 0.2 s.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mangaassist.rates import TIMEOUT, Breaker

KEPT = 600  # seconds after the last frame
HEAD_KEPT = 86_400  # seconds for which numbers go on instead of beginning anew
MOST_FRAMES = 2_000  # in one log
LEASE = 8.0  # seconds after which the reply of a killed process is known to be abandoned
CONNECTIONS = 200
STOP = "stop "  # what begins a published word that is no frame

# A message's state: 0 unknown; minus the millisecond its lease ends while its reply runs; the
# number of its final frame. KEYS: head {n, floor}, log, messages.
NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function digits(number) return string.format('%.0f', number) end
"""
CLAIM = f"""{NOW}
local state = redis.call('HGET', KEYS[3], ARGV[1])
if state then return state end
redis.call('HSET', KEYS[3], ARGV[1], digits(-now - ARGV[2] * 1000))
redis.call('EXPIRE', KEYS[3], {KEPT})
return '0'
"""
RENEW = f"""{NOW}
local state = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0')
if state > 0 then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], digits(-now - ARGV[2] * 1000))
redis.call('EXPIRE', KEYS[3], {KEPT})
return 1
"""
# The final frame holds the whole text, so the deltas before it are thrown away.
APPEND = f"""{NOW}
local frame, channel, of, part, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if part ~= 'other' and tonumber(redis.call('HGET', KEYS[3], of) or '0') > 0 then return '0' end
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
if n == 1 then
  n = now
  redis.call('HSET', KEYS[1], 'n', digits(n))
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[1], 'floor', digits(n - 1))
elseif redis.call('XLEN', KEYS[2]) >= {MOST_FRAMES} then
  local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1][1]
  redis.call('HSET', KEYS[1], 'floor', string.match(oldest, '%d+'))
  redis.call('XDEL', KEYS[2], oldest)
end
if part == 'end' then
  local delta = '"type":"delta","of":"' .. of
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+')) do
    if string.find(string.sub(entry[2][2], 1, 120), delta, 1, true) then
      redis.call('XDEL', KEYS[2], entry[1])
    end
  end
end
local text = '{{"n":' .. digits(n) .. ',' .. string.sub(frame, 2)
redis.call('XADD', KEYS[2], digits(n) .. '-0', 'f', text)
if part ~= 'other' then
  local state = part == 'end' and n or -now - lease * 1000
  redis.call('HSET', KEYS[3], of, digits(state))
end
redis.call('EXPIRE', KEYS[1], {HEAD_KEPT})
redis.call('EXPIRE', KEYS[2], {KEPT})
redis.call('EXPIRE', KEYS[3], {KEPT})
redis.call('PUBLISH', channel, text)
return digits(n)
"""
RELEASE = """
if tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0') < 0 then
  redis.call('HDEL', KEYS[3], ARGV[1])
end
"""
# What still runs may say nothing more: its words were about what is gone.
CLEAR = """
local n = redis.call('HGET', KEYS[1], 'n')
redis.call('DEL', KEYS[2])
local messages = redis.call('HGETALL', KEYS[3])
for i = 1, #messages, 2 do
  if tonumber(messages[i + 1]) < 0 then
    redis.call('HSET', KEYS[3], messages[i], n or '1')
  end
end
if n then redis.call('HSET', KEYS[1], 'floor', n) end
"""

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


class ThreadLog:
    """The logs of all sessions.

    lease: seconds for which a silent reply is believed to run.
    """

    def __init__(self, url: str, lease: float = LEASE) -> None:
        self._lease = lease
        self.redis = redis.asyncio.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            max_connections=CONNECTIONS,
            retry=Retry(NoBackoff(), 0),
        )
        self._breaker = Breaker("chat threads")
        self._claim, self._renew, self._append, self._release, self._clear = (
            self.redis.register_script(script) for script in (CLAIM, RENEW, APPEND, RELEASE, CLEAR)
        )

    async def claim(self, session: str, of: str) -> int | None:
        """Takes a message for this process.

        Returns 0 when nobody had it, less while another reply to it runs, or the number of its
        final frame.
        """
        state = await self._try(self._claim(_keys(session), [of, self._lease]))
        return None if state is None else int(state)

    async def renew(self, session: str, of: str) -> None:
        """Says that the reply still runs; an append of it says so too."""
        await self._try(self._renew(_keys(session), [of, self._lease]))

    async def release(self, session: str, of: str) -> None:
        """Forgets a message that was not accepted after all."""
        await self._try(self._release(_keys(session), [of]))

    async def append(self, session: str, encoded: str, part: Part, of: str = "") -> int | None:
        """Writes a frame and sends it to all tabs; returns its number.

        part: of a running reply, its end, or anything else. 0: the reply has ended already and the
        frame was thrown away, or somebody cleared the session.
        """
        arguments: list[str | float] = [encoded, channel_of(session), of, part, self._lease]
        n = await self._try(self._append(_keys(session), arguments))
        return None if n is None else int(n)

    async def read(self, session: str, after: int) -> Tail | None:
        head, log, _ = _keys(session)
        async with self.redis.pipeline(transaction=True) as pipeline:
            pipeline.hmget(head, ["n", "floor"])
            pipeline.xrange(log, f"({after}")
            pipeline.exists(log)
            answer = await self._try(pipeline.execute())
        if answer is None:
            return None
        (last, floor), entries, exists = answer
        n = int(last or 0)
        reaches = after == n or (bool(exists) and int(floor or 0) <= after < n)
        frames = [(int(entry.partition("-")[0]), fields["f"]) for entry, fields in entries]
        return Tail(n, reaches, frames)

    async def frame(self, session: str, n: int) -> str | None:
        """One frame, if it is still there."""
        entries = await self._try(self.redis.xrange(_keys(session)[1], str(n), str(n)))
        return str(entries[0][1]["f"]) if entries else None

    async def running(self, session: str) -> dict[str, bool] | None:
        """Messages without a final frame, and whether somebody still works on each."""
        async with self.redis.pipeline(transaction=True) as pipeline:
            pipeline.hgetall(_keys(session)[2])
            pipeline.time()
            answer = await self._try(pipeline.execute())
        if answer is None:
            return None
        states, (seconds, microseconds) = answer
        now = seconds * 1_000 + microseconds // 1_000
        return {of: -int(state) > now for of, state in states.items() if int(state) < 0}

    async def stop(self, session: str, of: str) -> None:
        """Tells whichever process answers the message to stop."""
        key = _stop_key(session, of)
        async with self.redis.pipeline(transaction=True) as pipeline:
            pipeline.set(key, 1, ex=int(LEASE) * 8)
            pipeline.publish(channel_of(session), f"{STOP}{of}")
            await self._try(pipeline.execute())

    async def stopped(self, session: str, of: str) -> bool:
        return bool(await self._try(self.redis.exists(_stop_key(session, of))))

    async def clear(self, session: str) -> None:
        """Throws the frames of a session away; numbers go on."""
        await self._try(self._clear(_keys(session), []))

    async def close(self) -> None:
        await self.redis.aclose()

    async def _try(self, word: Any) -> Any:
        """The answer to a word with Redis, a coroutine; None when there is no answer."""
        if not self._breaker.closed():
            word.close()
            return None
        try:
            answer = await word
        except (RedisError, OSError) as error:
            self._breaker.failed(error)
            return None
        self._breaker.succeeded()
        return answer


def channel_of(session: str) -> str:
    return f"chat:{session}"


def number_of(text: str) -> int:
    """The number of a frame's JSON as the log holds it."""
    return int(text[len('{"n":') : text.index(",")])


def _keys(session: str) -> list[str]:
    return [f"{{chat:{session}}}:{name}" for name in ("head", "log", "messages")]


def _stop_key(session: str, of: str) -> str:
    return f"{{chat:{session}}}:stop:{of}"
