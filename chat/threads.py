"""Runs what blocks for the chat, and never waits for it longer than a step may take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
MOST = 64  # threads; while a store hangs, further steps run out of time in the queue

_threads = ThreadPoolExecutor(MOST, thread_name_prefix="chat")


async def in_time(function: Callable[[], T], seconds: float) -> T:
    """What a blocking function returns. Raises TimeoutError; its thread then ends unheard."""
    async with asyncio.timeout(seconds):
        return await asyncio.get_running_loop().run_in_executor(_threads, function)


def in_background(function: Callable[[], object]) -> None:
    """Starts a blocking function that nobody waits for and that reports its own failures."""
    _threads.submit(function)
