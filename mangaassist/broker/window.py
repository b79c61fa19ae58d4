"""The messages a channel holds unacknowledged, and how many more it may receive: kombu's QoS."""

from __future__ import annotations

from threading import Condition
from typing import Any

from kombu.transport.virtual import Message

from mangaassist.broker.health import state

UNLIMITED = 1_000_000


class Window:
    """Counts held and reserved messages against the prefetch count; any thread may call."""

    def __init__(self, channel: Any, prefetch_count: int = 0) -> None:
        self._channel = channel
        self._prefetch_count = prefetch_count
        self._held: dict[str, Message] = {}
        self._reserved = 0
        self._changed = Condition()

    @property
    def prefetch_count(self) -> int:
        """How many messages may be held at once; 0 means any number."""
        return self._prefetch_count

    @prefetch_count.setter
    def prefetch_count(self, count: int) -> None:
        with self._changed:
            self._prefetch_count = count or 0
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Waits until at least one message may be received; False after the timeout, in seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.free() > 0, timeout)

    def free(self) -> int:
        limit = self._prefetch_count or UNLIMITED
        return limit - len(self._held) - self._reserved

    def is_full(self) -> bool:
        """True when delivered messages alone fill the window, which tells of a busy worker."""
        return len(self._held) >= (self._prefetch_count or UNLIMITED)

    def reserve(self, limit: int) -> int:
        """Reserves room for at most `limit` messages and says for how many."""
        with self._changed:
            count = max(0, min(limit, self.free()))
            self._reserved += count
            return count

    def give_back(self, count: int) -> None:
        """Returns reserved room that no message came for."""
        with self._changed:
            self._reserved -= count
            self._changed.notify_all()

    def append(self, message: Message, delivery_tag: str) -> None:
        """Holds a message; it takes one reserved place."""
        with self._changed:
            self._held[delivery_tag] = message
            self._reserved -= 1
            state.unacked = len(self._held)

    def ack(self, delivery_tag: str) -> Message | None:
        """Lets a message go and frees its place; None if it is no longer held."""
        with self._changed:
            message = self._held.pop(delivery_tag, None)
            state.unacked = len(self._held)
            self._changed.notify()
            return message

    def held(self) -> list[Message]:
        with self._changed:
            return list(self._held.values())

    def can_consume(self) -> bool:
        return self.free() > 0

    def restore_unacked_once(self) -> None:
        """Gives every message back to its queue; kombu calls this when the channel closes."""
        for message in self.held():
            self._channel.basic_reject(message.delivery_tag, requeue=True)
