"""Whether a job is taken now: the store may fall behind by a day, not by more. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ALWAYS_TAKEN = 20_000  # items that may wait however slow it goes: workers may only just have begun
MOST_PENDING = 200_000  # items that may wait in the database
LONGEST_WAIT = timedelta(hours=24)  # until a job taken now would end


@dataclass(frozen=True)
class Refusal:
    """Why a job is not taken, and how long to wait before asking again."""

    pending: int
    retry_after: timedelta

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        minutes = max(1, round(self.retry_after.total_seconds() / 60))
        if language == "ja":
            return f"処理待ちが{self.pending}件あります。約{minutes}分後にもう一度お試しください。"
        return f"{self.pending} titles are waiting already. Try again in about {minutes} minutes."


def refusal(pending: int, titles: int, rate: float) -> Refusal | None:
    """None when a job of so many titles is taken.

    pending: items that have not ended; rate: items ended per second, 0 when nothing is known yet.
    """
    waiting = pending + titles
    in_a_day = round(rate * LONGEST_WAIT.total_seconds()) if rate else MOST_PENDING
    most = min(MOST_PENDING, max(ALWAYS_TAKEN, in_a_day))
    if waiting <= most or not pending:
        return None
    return Refusal(pending, timedelta(seconds=(waiting - most) / rate) if rate else LONGEST_WAIT)
