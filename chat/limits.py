"""How fast one connection may speak, and what it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from mangaassist.messages import Texts
from mangaassist.rates import Bucket

MOST_STRIKES = 20  # refused frames in a row; whoever sends more does not listen

TOO_FAST = Texts(
    "送信の間隔が短すぎます。{seconds}秒ほど待ってから、もう一度送ってください。",
    "That was too fast. Wait about {seconds} seconds and send it again.",
)
TOO_MANY = Texts(
    "回答を作成中です。{seconds}秒ほど待ってから、もう一度送ってください。",
    "Other answers are still being written. Wait about {seconds} seconds and send it again.",
)
UNAVAILABLE = Texts(
    "ただいま処理できません。少し待ってから、もう一度お試しください。",
    "That is not possible just now. Wait a moment and try again.",
)


class Pace:
    """The frames of one connection, counted in this process alone."""

    def __init__(self, bucket: Bucket, now: float) -> None:
        self._bucket = bucket
        self._tokens = bucket.burst
        self._at = now
        self._strikes = 0

    def take(self, now: float) -> float:
        """Seconds until the next frame may come, 0.0 when this one may."""
        self._tokens, wait = self._bucket.take(self._tokens, now - self._at, 1.0)
        self._at = now
        self._strikes = self._strikes + 1 if wait else 0
        return wait

    @property
    def is_flood(self) -> bool:
        return self._strikes >= MOST_STRIKES


class Places:
    """How many replies this process writes at once: for one session, one address, and for all.

    A process that began more than it can carry would end none of them in time.
    """

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._all = 0

    def take(self, session: str, address: str) -> bool:
        """A place, if there is one for all three."""
        is_free = (
            self._all < settings.CHAT_REPLIES_PER_PROCESS
            and self._taken[session] < settings.CHAT_REPLIES_PER_SESSION
            and self._taken[address] < settings.CHAT_REPLIES_PER_ADDRESS
        )
        if is_free:
            self._all += 1
            self._taken.update((session, address))
        return is_free

    def give_back(self, session: str, address: str) -> None:
        self._all -= 1
        self._taken.subtract((session, address))
        self._taken = +self._taken


def address_of(scope: Mapping[str, Any]) -> str:
    """The client's, as the outermost of our proxies saw it."""
    if settings.TRUSTED_PROXIES:
        header = b",".join(v for name, v in scope["headers"] if name == b"x-forwarded-for")
        hops = [hop.strip() for hop in header.decode("latin-1").split(",") if hop.strip()]
        if hops:
            return hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return str((scope.get("client") or ("",))[0])


def bucket(rate: tuple[int, int]) -> Bucket:
    """rate: so many a minute, and so many at once."""
    return Bucket(rate[0] / 60, rate[1])
