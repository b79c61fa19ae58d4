"""How fast one connection may speak, and what it is told."""

from __future__ import annotations

from mangaassist.messages import Texts
from mangaassist.rates import Bucket

MOST_STRIKES = 20  # refused frames in a row; whoever sends more does not listen

TOO_FAST = Texts(
    "送信の間隔が短すぎます。{seconds}秒ほど待ってから、もう一度送ってください。",
    "That was too fast. Wait about {seconds} seconds and send it again.",
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


def bucket(rate: tuple[int, int]) -> Bucket:
    """rate: so many a minute, and so many at once."""
    return Bucket(rate[0] / 60, rate[1])
