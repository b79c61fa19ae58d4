"""Threads wait in a line: one asks, the others have their turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import sleep

from mangaassist.limiter.line import Line

SOON = 10.0  # seconds


def start(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def length(line: Line, of: int) -> None:
    """Waits until the line is so long."""
    pause = threading.Event()
    while len(line._turns) < of:
        pause.wait(0.001)


def test_turns_come_in_the_order_of_arrival() -> None:
    line, served = Line(), list[int]()

    def work(number: int) -> None:
        with line.place(SOON) as is_first:
            assert is_first
            served.append(number)

    with line.place(SOON):
        threads = []
        for number in range(5):
            threads.append(start(lambda number=number: work(number)))  # type: ignore[misc]
            length(line, of=number + 2)
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(5))


def test_only_one_is_first() -> None:
    line, inside, seen = Line(), list[int](), list[int]()

    def work(number: int) -> None:
        with line.place(SOON):
            inside.append(number)
            sleep(0.001)  # Whoever may come in as well has the time for it.
            seen.append(len(inside))
            inside.remove(number)

    threads = [start(lambda number=number: work(number)) for number in range(20)]  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert (seen, len(line._turns)) == ([1] * 20, 0)


def test_the_impatient_leave_and_the_others_keep_their_places() -> None:
    line, served = Line(), list[str]()

    def work() -> None:
        with line.place(SOON) as is_first:
            served.append(f"patient {is_first}")

    with line.place(SOON) as is_first, line.place(0.001) as impatient:
        assert (is_first, impatient) == (True, False)
        thread = start(work)
        length(line, of=3)
    thread.join()
    assert served == ["patient True"]


def test_a_block_that_fails_gives_its_turn_away() -> None:
    line = Line()
    with suppress(ValueError), line.place(SOON):
        int("no number")
    with line.place(0.0) as is_first:
        assert is_first
