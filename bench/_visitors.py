"""A process of visitors of the chat: sockets that ask now and then, or never."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address

from django.core import signing

from bench._child import READY, report
from bench._figures import percentile
from bench._tab import Tab
from chat import visitors

HOMES = IPv4Address("10.0.0.0")  # the visitors' addresses begin here
AT_ONCE = 50  # handshakes
PATIENCE = 30.0  # seconds for a final frame
USEFUL = 40  # characters after which an answer is of use: its first sentence or two
QUESTIONS = (
    "静かな日常を描いた漫画を三つ教えてください。",
    "泣ける短編はありますか。",
    "小学生の子どもと一緒に読める作品を探しています。",
    "What should I read after a long day at work?",
)


@dataclass(frozen=True)
class Asked:
    """Seconds until each part of one answer; None for what never came. state: of its end."""

    first: float | None
    useful: float | None
    done: float | None
    state: str
    blank: bool


class Visitor:
    """One socket and the message that it waits for."""

    def __init__(self) -> None:
        self.tab: Tab | None = None
        self.answered: asyncio.Future[None] | None = None
        self._of = ""
        self._text = 0
        self._begun = self._first = self._useful = self._done = 0.0
        self._state, self._blank = "", True

    async def open(self, address: str, number: int, secret: str) -> None:
        """Raises OSError when it is refused."""
        host, port = address.split(":")
        signer = signing.TimestampSigner(key=secret, salt=visitors.SALT, fallback_keys=[])
        cookie = f"{visitors.COOKIE}={signer.sign(f'{uuid.uuid4()}-{number}')}"
        home = str(HOMES + number)
        loop = asyncio.get_running_loop()
        _, self.tab = await loop.create_connection(
            lambda: Tab(address, cookie, home, self._hear), host, int(port)
        )
        await self.tab.opened

    async def ask(self) -> Asked:
        """Sends one message and waits for the end of its answer."""
        self._of, self._text = str(uuid.uuid4()), 0
        self._first = self._useful = self._done = 0.0
        self._state, self._blank = "silent", True
        data = {"id": self._of, "message": random.choice(QUESTIONS)}
        words = json.dumps({"action": "sendMessage", "data": data}, ensure_ascii=False).encode()
        self.answered = asyncio.get_running_loop().create_future()
        self._begun = time.monotonic()
        if self.tab is not None:
            self.tab.say(words)
        await asyncio.wait([self.answered], timeout=PATIENCE)
        first, useful, done = map(self._took, (self._first, self._useful, self._done))
        return Asked(first, useful, done, self._state, self._blank)

    def _took(self, at: float) -> float | None:
        return at - self._begun if at else None

    def _hear(self, words: bytes) -> None:
        frame = json.loads(words)
        if not self._of or frame.get("of") != self._of:
            return
        now = time.monotonic()
        if frame["type"] == "delta":
            self._first = self._first or now
            self._text += len(frame["text"])
            if self._text >= USEFUL:
                self._useful = self._useful or now
        elif frame["type"] in ("done", "refused"):
            self._done, self._state = now, frame.get("state", "refused")
            self._blank = not frame.get("text", "").strip()
            if self.answered is not None and not self.answered.done():
                self.answered.set_result(None)


class Visitors:
    """Those of one process. addresses: of the web processes, which they share evenly."""

    def __init__(self, addresses: list[str], secret: str) -> None:
        self._addresses = addresses
        self._secret = secret
        self._all: list[Visitor] = []
        self.asked: list[Asked] = []

    async def come(self, count: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                visitor = Visitor()
                address = self._addresses[number % len(self._addresses)]
                await visitor.open(address, number, self._secret)
                self._all.append(visitor)

        await asyncio.gather(*(one(number) for number in range(count)))

    async def ask(self, rate: float, seconds: float) -> float:
        """Asks so many messages a second at random moments, whoever has waited longest next.

        Returns the seconds that this took. Nobody waits for the answers of others.
        """
        resting = deque(self._all)
        running: set[asyncio.Task[None]] = set()
        begun = due = time.monotonic()
        while (due := due + random.expovariate(rate)) < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not resting:
                raise RuntimeError("All visitors wait for answers: there are too few of them.")
            task = asyncio.create_task(self._ask(resting.popleft(), resting))
            running.add(task)
            task.add_done_callback(running.discard)
        took = time.monotonic() - begun
        if running:
            await asyncio.wait(running)
        return took

    async def _ask(self, visitor: Visitor, resting: deque[Visitor]) -> None:
        self.asked.append(await visitor.ask())
        resting.append(visitor)

    def still_open(self) -> int:
        return sum(visitor.tab is not None and visitor.tab.is_open for visitor in self._all)


async def main() -> None:
    """Reports what became of the messages; idle visitors, how many are still there."""
    arguments = parse()
    visitors = Visitors(arguments.addresses.split(","), arguments.secret)
    await visitors.come(arguments.sockets)
    print(READY, end="", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    took = 0.0
    if arguments.rate:
        took = await visitors.ask(arguments.rate, arguments.seconds)
    await asyncio.to_thread(sys.stdin.read)
    asked = [asdict(one) for one in visitors.asked]
    cpu = time.process_time()
    report({"seconds": took, "asked": asked, "open": visitors.still_open(), "cpu": cpu})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench._visitors", description=__doc__)
    parser.add_argument("addresses", help="HOST:PORT of each web process, with commas")
    parser.add_argument("secret", help="of the product, which signs who they are")
    parser.add_argument("--sockets", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second of all of them")
    parser.add_argument("--seconds", type=float, default=0.0)
    return parser.parse_args()


def late(values: list[float | None], share: float = 0.95) -> float:
    """The percentile in seconds; what never came took all the patience."""
    return percentile([PATIENCE if value is None else value for value in values], share)


if __name__ == "__main__":
    asyncio.run(main())
