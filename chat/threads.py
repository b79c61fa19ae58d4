"""Runs what blocks for the chat, and never waits for it longer than a step may take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
MOST = 64  # threads; while a store hangs, further steps run out of time in the queue
MOST_LOOKING = 24  # for titles; while the catalogue hangs, answers are stored all the same

_threads = ThreadPoolExecutor(MOST, thread_name_prefix="chat")
LOOKING = ThreadPoolExecutor(MOST_LOOKING, thread_name_prefix="look-up")


async def in_time(function: Callable[[], T], seconds: float, threads: Executor = _threads) -> T:
    """What a blocking function returns. Raises TimeoutError; its thread then ends unheard."""
    async with asyncio.timeout(seconds):
        return await asyncio.get_running_loop().run_in_executor(threads, function)


def in_background(function: Callable[[], object]) -> None:
    """Starts a blocking function that nobody waits for and that reports its own failures."""
    _threads.submit(function)
