"""A deadline: what is left for everybody who works towards one point in time."""

from __future__ import annotations

from mangaassist.deadline import Deadline


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_shrinks_with_time_and_never_below_zero() -> None:
    clock = Clock()
    deadline = Deadline(28, clock)
    clock.now += 10
    assert deadline.left() == 18
    clock.now += 20
    assert deadline.left() == 0


def test_a_step_gets_what_it_wants_or_what_is_left() -> None:
    deadline = Deadline(5, Clock())
    assert (deadline.within(3), deadline.within(10)) == (3, 5)


def test_a_step_can_leave_time_for_what_follows_it() -> None:
    clock = Clock()
    earlier = Deadline(10, clock).before(3)
    clock.now += 8
    assert (earlier.left(), Deadline(1, clock).before(3).left()) == (0, 0)
