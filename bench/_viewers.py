"""Viewers of the dashboard: connections that read a stream of server-sent events."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

SNAPSHOT = b"event: snapshot"


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


async def watch(port: int, cookie: str, viewers: int, seconds: float, seen: Seen) -> None:
    """Reads so many streams for so long."""
    tasks = [asyncio.create_task(_watch(port, cookie, seen)) for _ in range(viewers)]
    await asyncio.sleep(seconds)
    ended = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if ended:
        raise RuntimeError(f"{len(ended)} of {viewers} streams ended by themselves.")


async def _watch(port: int, cookie: str, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"GET /dashboard/stream?lang=ja HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: sessionid={cookie}\r\n\r\n"
    )
    writer.write(head.encode())
    try:
        while part := await reader.read(65_536):
            seen.snapshots += part.count(SNAPSHOT)
    finally:
        writer.close()
