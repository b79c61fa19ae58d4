"""Answers that are read while they are written, over libcurl, for half of urllib3's CPU."""

from __future__ import annotations

import math
import select
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import pycurl
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from urllib3.exceptions import ProtocolError

from mangaassist import wire

LOOK_EVERY = 0.1  # seconds in which a silent answer notices that somebody has hung up
CUT = pycurl.E_GOT_NOTHING, "The connection was closed within the head of the answer."
POLLED = {
    pycurl.POLL_IN: select.POLLIN,
    pycurl.POLL_OUT: select.POLLOUT,
    pycurl.POLL_INOUT: select.POLLIN | select.POLLOUT,
}


class Incoming:
    """One answer that has begun: one thread reads it, and any may hang up.

    headers: with names in lower case.
    """

    def __init__(self, line: _Line, within: float) -> None:
        self._line = line
        self._within = within
        self._hung_up = False
        self.status = line.status
        self.headers = _read(line.head)

    def parts(self) -> Iterator[bytes]:
        """All that has come since the last part, as soon as anything has.

        Ends early for who has hung up. Raises ReadTimeoutError after a long pause, ProtocolError
        for an answer that breaks off.
        """
        silent_since = time.monotonic()
        while not self._hung_up:
            if part := self._line.take(LOOK_EVERY):
                yield part
                silent_since = time.monotonic()
            elif self._line.is_over:
                if self._line.failure:
                    raise ProtocolError(self._line.failure[1])
                return
            elif time.monotonic() - silent_since > self._within:
                raise ReadTimeoutError(endpoint_url=self._line.url)

    def whole(self) -> bytes:
        """Waits for the end. Raises as `parts` does."""
        return b"".join(self.parts())

    def hang_up(self) -> None:
        """Ends the call soon, from any thread."""
        self._hung_up = True


@contextmanager
def answer_to(
    url: str, headers: Mapping[str, str], body: bytes, within: float
) -> Iterator[Incoming]:
    """Sends a request that is signed; the call ends with the block.

    within: seconds of a pause before any byte; but a name server that is silent may hold the thread
    for about ten more, for libcurl waits for its own thread that asks. Raises ReadTimeoutError,
    ConnectTimeoutError, or what `wire.unanswered` says, when no answer begins.
    """
    try:
        line = _idle.pop()
    except IndexError:
        line = _Line()
    try:
        line.begin(url, headers, body, within)
        yield Incoming(line, within)
    finally:
        if line.is_over and not line.failure:
            line.rest()
            _idle.append(line)
        else:
            line.close()


class _Line:
    """A connection and what comes by it; one that broke has no second call."""

    def __init__(self) -> None:
        self.url = ""
        self.head: list[bytes] = []  # its lines
        self.status = 0  # until the head is read
        self.is_over = False
        self.failure: tuple[int, str] | None = None  # libcurl's number, and why
        self._body = bytearray()
        self._poll = select.poll()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._curl = wire.handle()
        self._curl.setopt(pycurl.HEADERFUNCTION, self._hear)
        self._curl.setopt(pycurl.WRITEFUNCTION, self._body.extend)

    def begin(self, url: str, headers: Mapping[str, str], body: bytes, within: float) -> None:
        """Raises as `answer_to` does."""
        self.url, self.is_over = url, False
        wire.load(self._curl, url, headers, body)
        self._multi.add_handle(self._curl)
        deadline = time.monotonic() + within
        self._act(pycurl.SOCKET_TIMEOUT, 0)
        while not self.status:
            if self.failure:
                self._unanswered(pycurl.error(*self.failure))
            left = deadline - time.monotonic()
            if left <= 0:
                raise ReadTimeoutError(endpoint_url=url)
            self._turn(left)

    def _unanswered(self, error: pycurl.error) -> NoReturn:
        if error.args[0] == pycurl.E_OPERATION_TIMEDOUT:  # Nothing but connecting has a limit.
            raise ConnectTimeoutError(endpoint_url=self.url) from error
        raise wire.unanswered(self._curl, self.url, error) from error

    def take(self, seconds: float) -> bytes:
        """All that has come; waits so long if that is nothing."""
        before = -1
        while not self.is_over and len(self._body) > before:
            before = len(self._body)
            self._turn(0 if before else seconds)
        part = bytes(self._body)
        self._body.clear()
        return part

    def rest(self) -> None:
        """Forgets the call and keeps the connection."""
        self._multi.remove_handle(self._curl)
        self._curl.setopt(pycurl.POSTFIELDS, b"")  # It would keep the last one in memory.
        self.head.clear()
        self.status = 0
        self._body.clear()

    def close(self) -> None:
        self._curl.close()
        self._multi.close()

    def _turn(self, seconds: float) -> None:
        """Waits so long for something to do, and lets libcurl do it."""
        due = self._multi.timeout()  # in milliseconds; -1 for never
        longest = math.ceil(1000 * seconds)
        ready = self._poll.poll(longest if due < 0 else min(due, longest))
        for socket, events in ready:
            is_writable = bool(events & select.POLLOUT)
            is_readable = bool(events & ~select.POLLOUT)  # an error is there to be read
            self._act(socket, pycurl.CSELECT_IN * is_readable | pycurl.CSELECT_OUT * is_writable)
        if not ready:
            self._act(pycurl.SOCKET_TIMEOUT, 0)

    def _act(self, socket: int, what: int) -> None:
        _, running = self._multi.socket_action(socket, what)
        if running or self.is_over:
            return
        _, _, failed = self._multi.info_read()
        self.is_over = True
        if failed:
            self.failure = failed[0][1:]
        elif not self.status:
            self.failure = CUT  # libcurl finds nothing wrong with that.

    def _hear(self, line: bytes) -> None:
        """libcurl tells each line of a head, and those that trail the body."""
        if self.status:
            return
        if line.startswith(b"HTTP/"):
            self.head.clear()  # What there is announced the answer.
        self.head.append(line)
        if not line.strip():
            status = int(self.head[0].split()[1])
            self.status = status if status >= 200 else 0

    def _watch(self, what: int, socket: int, *_: object) -> None:
        """libcurl says which sockets it waits for."""
        if what == pycurl.POLL_REMOVE:
            self._poll.unregister(socket)
        else:
            self._poll.register(socket, POLLED.get(what, 0))


_idle: deque[_Line] = deque()  # that no thread uses, with their open connections


def _read(head: list[bytes]) -> dict[str, str]:
    named = (line.decode("latin-1").partition(":") for line in head)
    return {name.lower(): value.strip() for name, colon, value in named if colon}
