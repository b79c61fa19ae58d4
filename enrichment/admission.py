"""Whether a job is taken now, later or not at all, from measured numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from mangaassist.messages import Parameter, Texts

ALWAYS_TAKEN = 20_000  # items that may wait however slow it goes: workers may only just have begun
MOST_PENDING = 200_000  # items that may wait in the database
LONGEST_WAIT = timedelta(hours=24)  # until a job taken now would end
LOOK_AGAIN = timedelta(seconds=30)  # when nothing consumes: that long a repair takes at least
WORTH_WAITING = timedelta(minutes=10)  # of work, when a smaller batch is suggested

REASONS = {
    "backlog": Texts(
        "処理待ちが{pending}件あります。約{minutes}分後にもう一度お試しください。",
        "{pending} titles are waiting already. Try again in about {minutes} minutes.",
    ),
    "user_rate": Texts(
        "短い時間に多くの作品を依頼しています。約{minutes}分後にもう一度お試しください。",
        "You have asked for many titles in a short time. Try again in about {minutes} minutes.",
    ),
    "no_workers": Texts(
        "処理するワーカーが動いていません。"
        "運用担当者が manage.py worker enrichment を起動すると受け付けます。",
        "No worker is alive to do the work. "
        "Jobs are taken again when operations have started manage.py worker enrichment.",
    ),
    "no_keeper": Texts(
        "ジョブを進める keeper が動いていません。"
        "運用担当者が manage.py keeper を起動すると受け付けます。",
        "No keeper is alive to hand out the work. "
        "Jobs are taken again when operations have started manage.py keeper.",
    ),
    "pool_blocked": Texts(
        "設定の誤りのため処理が止まっています（{cause}）。運用担当者の修復後にお試しください。",
        "Work has stopped because of a wrong configuration ({cause}). "
        "Try again when operations have repaired it.",
    ),
}  # fmt: skip


STOPPED = frozenset({"no_workers", "no_keeper", "pool_blocked"})


@dataclass(frozen=True)
class Allowance:
    """How many titles one user may begin: a bucket of `burst`, refilled at `per_minute`."""

    per_minute: float
    burst: int

    def level(self, begun: Sequence[tuple[float, int]]) -> float:
        """What is in the bucket now; below zero after a job larger than the bucket.

        begun: (seconds ago, titles) of the user's jobs, oldest first.
        """
        per_second = self.per_minute / 60
        level, before = float(self.burst), math.inf
        for ago, titles in begun:
            level = min(self.burst, level + (before - ago) * per_second) - titles
            before = ago
        return min(self.burst, level + before * per_second)


@dataclass(frozen=True)
class Load:
    """What admission looks at.

    pending: items that have not ended; rate: items ended per second, 0 when nothing is known yet;
    level: what is in the user's bucket, None without a limit; stopped: why nothing consumes, one of
    STOPPED, with its cause; both empty while something does.
    """

    pending: int
    rate: float
    level: float | None = None
    stopped: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer. `reason` is a key of REASONS, empty when the job is taken; rate as in Load."""

    reason: str
    pending: int
    rate: float
    eta: timedelta | None = None  # until a job taken now would have ended; None when nobody knows
    retry_after: timedelta = timedelta(0)
    suggested: int = 0  # titles that would be taken, now or after a short wait
    cause: str = ""

    @property
    def accepted(self) -> bool:
        return not self.reason

    @property
    def status(self) -> int:
        """As HTTP says it."""
        if self.accepted:
            return 202
        return 503 if self.reason in STOPPED else 429

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Of the reason's sentence."""
        return {
            "pending": self.pending,
            "minutes": max(1, round(self.retry_after.total_seconds() / 60)),
            "cause": self.cause,
        }

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`. Raises KeyError for an accepted job."""
        return REASONS[self.reason].text(language, self.parameters)


def decide(titles: int, load: Load, allowance: Allowance) -> Verdict:
    """What becomes of a job of so many titles."""
    if load.stopped:
        return _refused(load, load.stopped, LOOK_AGAIN, titles)
    return (
        _over_backlog(titles, load)
        or _over_allowance(load, allowance)
        or Verdict("", load.pending, load.rate, _seconds(load.pending + titles, load.rate))
    )


def _over_backlog(titles: int, load: Load) -> Verdict | None:
    waiting = load.pending + titles
    in_a_day = round(load.rate * LONGEST_WAIT.total_seconds()) if load.rate else MOST_PENDING
    most = min(MOST_PENDING, max(ALWAYS_TAKEN, in_a_day))
    if waiting <= most or not load.pending:
        return None
    room = most - load.pending
    # When nothing waits any more, a job of any size is taken.
    wait = _seconds(min(waiting - most, load.pending), load.rate) or LONGEST_WAIT
    return _refused(
        load, "backlog", wait, room if room > 0 else round(load.rate * WORTH_WAITING.seconds)
    )


def _over_allowance(load: Load, allowance: Allowance) -> Verdict | None:
    if load.level is None:
        return None
    if load.level >= 1:  # Then a job of any size is taken; the bucket is in debt afterwards.
        return None
    wait = timedelta(minutes=(1 - load.level) / allowance.per_minute)
    return _refused(load, "user_rate", wait, round(allowance.per_minute))


def _refused(load: Load, reason: str, wait: timedelta, suggested: int) -> Verdict:
    return Verdict(reason, load.pending, load.rate, None, wait, max(1, suggested), load.cause)


def _seconds(items: int, rate: float) -> timedelta | None:
    return timedelta(seconds=items / rate) if rate else None
