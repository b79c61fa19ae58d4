"""The peer: a chat as one writes it with plain Channels and boto3.

One call for each message, in a thread; each delta goes to the socket. Nothing is stored, checked,
limited, numbered or tried again, and other tabs hear nothing.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import django
from botocore.config import Config
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
THREADS = 200

settings.configure()
django.setup()
config = Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1})
bedrock: Any = boto3.client("bedrock-runtime", region_name="us-east-1", config=config)


class PlainChat(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        data = json.loads(text_data or "")["data"]
        task = asyncio.create_task(self._answer(data["id"], data["message"]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _answer(self, of: str, message: str) -> None:
        loop, parts = asyncio.get_running_loop(), asyncio.Queue[str | None]()

        def tell(part: str | None) -> None:
            loop.call_soon_threadsafe(parts.put_nowait, part)

        reading = asyncio.create_task(asyncio.to_thread(read, message, tell))
        text = ""
        while (part := await parts.get()) is not None:
            text += part
            await self._say({"type": "delta", "of": of, "text": part})
        await reading
        await self._say({"type": "done", "of": of, "state": "complete", "text": text})

    async def _say(self, frame: dict[str, str]) -> None:
        await self.send(text_data=json.dumps(frame, ensure_ascii=False))


tasks: set[asyncio.Task[None]] = set()


def read(message: str, tell: Any) -> None:
    """Hands every piece of text over, and None after the last one."""
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 800,
        "system": "You help in a manga store.",
        "messages": [{"role": "user", "content": message}],
    }
    try:
        answer = bedrock.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(body))
        for event in answer["body"]:
            found = json.loads(event["chunk"]["bytes"])
            if found["type"] == "content_block_delta":
                tell(found["delta"]["text"])
    finally:
        tell(None)


class Threads:
    """As many threads as answers may run; asyncio's own default is a few."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._is_set = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self._is_set:
            self._is_set = True
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        await self._app(scope, receive, send)


application = Threads(PlainChat.as_asgi())
