"""Ctrl-C, also where Python drops it."""

from __future__ import annotations

import gc
import signal

import pytest

from mangaassist.interrupts import Interrupts


class Interrupted:
    """Meets Ctrl-C in its finalizer."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_an_exception() -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts():
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_a_finalizer_dropped_is_raised_at_the_next_check() -> None:
    with Interrupts() as interrupts:
        interrupts.check()
        Interrupted()
        gc.collect()
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_the_handler_from_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        pass
    assert signal.getsignal(signal.SIGINT) is before
