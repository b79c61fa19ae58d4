"""Viewers of the dashboard: connections that read a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

SNAPSHOT = b"event: snapshot"
OPEN_WITHIN = 60.0  # seconds


@dataclass
class Seen:
    """How many snapshots all viewers have got."""

    snapshots: int = 0


def login(port: int, user: str, password: str) -> str:
    """The cookie of somebody whom the admin has let in. Raises KeyError when it does not."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/admin/login/"
    browser.open(address).close()
    token = {cookie.name: cookie.value or "" for cookie in jar}["csrftoken"]
    form = {"username": user, "password": password, "next": "/dashboard/"}
    form["csrfmiddlewaretoken"] = token
    browser.open(address, urlencode(form).encode()).close()
    return {cookie.name: cookie.value or "" for cookie in jar}["sessionid"]


@asynccontextmanager
async def watching(port: int, cookie: str, viewers: int) -> AsyncIterator[Seen]:
    """So many streams, from when each has got its first snapshot. Raises RuntimeError for one that
    ends by itself."""
    seen, first = Seen(), [asyncio.Event() for _ in range(viewers)]
    tasks = [asyncio.create_task(_watch(port, cookie, seen, each)) for each in first]
    try:
        async with asyncio.timeout(OPEN_WITHIN):
            await asyncio.gather(*(each.wait() for each in first))
        seen.snapshots = 0
        yield seen
        ended = [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if ended:
        raise RuntimeError(f"{len(ended)} of {viewers} streams ended by themselves.")


async def _watch(port: int, cookie: str, seen: Seen, first: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"GET /dashboard/stream?lang=ja HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: sessionid={cookie}\r\n\r\n"
    )
    writer.write(head.encode())
    try:
        while part := await reader.read(65_536):
            if snapshots := part.count(SNAPSHOT):
                seen.snapshots += snapshots
                first.set()
    finally:
        writer.close()
