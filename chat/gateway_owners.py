"""Which process holds which connection of API Gateway, and how messages find their way to it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# Nothing on this way goes on without Redis, and API Gateway waits 29 s: a slow one is waited for.
PATIENCE = 3.0  # seconds for one word with Redis
LEASE = 8  # seconds after which a silent process is believed dead
KEPT = 7_500  # seconds; API Gateway ends connections after 7,200
CONNECTIONS = 50

# Gives a connection to a process, unless another took it from the dead one first.
TAKE = f"""
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[2])
redis.call('EXPIRE', KEYS[1], {KEPT})
return 1
"""
FORGET = """
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""

Handshake = dict[str, str]
Hear = Callable[[str, str, bytes], None]  # connection, route, body
log = structlog.get_logger(__name__)


class Owners:
    """The connections of all processes, by their ids, in Redis.

    Methods raise RedisError or OSError when it does not answer.
    """

    def __init__(self, url: str, hear: Hear) -> None:
        self.me = str(uuid4())
        self._hear = hear
        self._tasks: list[asyncio.Task[None]] = []
        self._reached = asyncio.Event()
        self.redis = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            max_connections=CONNECTIONS,
            retry=Retry(NoBackoff(), 0),
        )
        self._take, self._forget = (self.redis.register_script(s) for s in (TAKE, FORGET))

    async def start(self) -> None:
        """Returns when others reach this process, which they do until it is closed."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._again_and_again(self._listen)),
                asyncio.create_task(self._again_and_again(self._live)),
            ]
        async with asyncio.timeout(PATIENCE):
            await self._reached.wait()

    async def keep(self, connection: str, handshake: Handshake) -> None:
        """Remembers a connection as ours."""
        async with self.redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(_key(connection), "owner", self.me)
            pipeline.hset(_key(connection), "handshake", json.dumps(handshake))
            pipeline.expire(_key(connection), KEPT)
            await pipeline.execute()

    async def forget(self, connection: str, owner: str) -> None:
        """Forgets a connection that has ended, unless another process has taken it over."""
        await self._forget([_key(connection)], [owner])

    async def find(self, connection: str) -> tuple[str, Handshake] | None:
        """Who holds a connection, and with what it came."""
        word: Any = self.redis.hmget(_key(connection), ["owner", "handshake"])
        owner, handshake = await word
        return (owner.decode(), json.loads(handshake)) if owner and handshake else None

    async def take(self, connection: str, dead: str) -> bool:
        """Takes a connection from a dead process; false when another has done so."""
        return bool(await self._take([_key(connection)], [dead, self.me]))

    async def tell(self, owner: str, connection: str, route: str, body: bytes) -> bool:
        """Hands a message to the process that holds its connection; false when that is dead."""
        if not await self.redis.exists(_lease(owner)):
            return False
        return await self.publish(owner, connection, route, body)

    async def publish(self, owner: str, connection: str, route: str, body: bytes) -> bool:
        """Says something to a process, which may be believed dead; whether it listens."""
        word = json.dumps([connection, route, base64.b64encode(body).decode()])
        return bool(await self.redis.publish(_channel(owner), word))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self.redis.delete(_lease(self.me))
        except (RedisError, OSError):
            log.info("chat_gateway_lease_left")
        await self.redis.aclose()

    async def _again_and_again(self, function: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await function()
            except (RedisError, OSError) as error:
                log.warning("chat_gateway_lost_redis", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _live(self) -> None:
        while True:
            await self._beat()
            await asyncio.sleep(LEASE / 4)

    async def _beat(self) -> None:
        await self.redis.set(_lease(self.me), 1, ex=LEASE)

    async def _listen(self) -> None:
        pubsub: Any = self.redis.pubsub()  # untyped in redis-py
        try:
            await pubsub.subscribe(_channel(self.me))
            while True:
                message = await pubsub.get_message(timeout=LEASE)
                if message is None:
                    await pubsub.ping()
                elif message["type"] == "subscribe":
                    await self._beat()
                    self._reached.set()
                elif message["type"] == "message":
                    connection, route, body = json.loads(message["data"])
                    self._hear(connection, route, base64.b64decode(body))
        finally:
            await asyncio.gather(pubsub.aclose(), return_exceptions=True)


def _key(connection: str) -> str:
    return f"gateway:connection:{connection}"


def _lease(process: str) -> str:
    return f"gateway:process:{process}"


def _channel(process: str) -> str:
    return f"gateway:{process}"
