"""Ctrl-C that cannot get lost: Python drops the exception where it strikes in a finalizer."""

from __future__ import annotations

import signal
from types import FrameType


class Interrupts:
    """Notes Ctrl-C while it is entered, besides raising KeyboardInterrupt. For the main thread."""

    def __init__(self) -> None:
        self._noted = False

    def __enter__(self) -> Interrupts:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raises KeyboardInterrupt if there was one, for loops to ask in each round."""
        if self._noted:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = True
        raise KeyboardInterrupt
