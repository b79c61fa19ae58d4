"""Whether all is well, in one word with its reasons: the worst one decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mangaassist.alarms.definitions import Severity
from mangaassist.messages import Texts


class Level(StrEnum):
    """How things are; each one outweighs those before it."""

    WELL = "well"
    BUSY = "busy"
    WARNING = "warning"
    CRITICAL = "critical"


WORDS = {
    Level.WELL: Texts("正常", "All is well"),
    Level.BUSY: Texts("稼働中", "Working"),
    Level.WARNING: Texts("注意", "Look here"),
    Level.CRITICAL: Texts("障害", "Act now"),
}
NOTHING = Texts("待っている作業はありません。", "Nothing waits to be done.")
WORKING = Texts("作品を処理しています。", "Titles are being enriched.")
NO_KEEPER = Texts(
    "キーパーが動いていません。新しい作業は始まりません。「manage.py keeper」で起動してください。",
    "No keeper lives, so nothing new begins. Start one: manage.py keeper",
)
NO_WORKERS = Texts(
    "作業が待っていますが、ワーカーが動いていません。"
    "「manage.py worker enrichment」で起動してください。",
    "Titles wait and no worker takes them. Start one: manage.py worker enrichment",
)
NOT_EVALUATED = Texts(
    "2分以上アラームが評価されていません。表示されない異常があるかもしれません。",
    "Nobody has evaluated the alarms for two minutes; what is wrong may not show.",
)


@dataclass(frozen=True)
class Facts:
    """What a verdict rests on. alarms: those that ring; blocked: pool → why; paused: pool → who;
    held: names of jobs whose budgets are used up."""

    alarms: Sequence[tuple[Severity, Texts]]
    blocked: Mapping[str, str]
    keeper: bool
    evaluated: bool
    open_items: int
    workers: int
    paused: Mapping[str, str] = field(default_factory=dict)
    held: Sequence[str] = ()


@dataclass(frozen=True)
class Reason:
    """Why it is as bad as that."""

    level: Level
    text: Texts


@dataclass(frozen=True)
class Verdict:
    """level: the worst of the reasons, which come worst first; there is at least one."""

    level: Level
    reasons: Sequence[Reason]

    @property
    def word(self) -> Texts:
        return WORDS[self.level]


def judge(facts: Facts) -> Verdict:
    well = Reason(Level.BUSY, WORKING) if facts.open_items else Reason(Level.WELL, NOTHING)
    return weigh(_troubles(facts), well)


def weigh(troubles: Iterable[Reason], well: Reason) -> Verdict:
    """The worst of the troubles decides; without any, all is as well as `well` says."""
    order = list(Level)
    reasons = sorted(troubles, key=lambda reason: -order.index(reason.level)) or [well]
    return Verdict(reasons[0].level, reasons)


def _troubles(facts: Facts) -> Iterator[Reason]:
    for pool, cause in facts.blocked.items():
        yield Reason(
            Level.CRITICAL,
            Texts(f"プール{pool}が停止中: {cause}", f"The pool {pool} is blocked: {cause}"),
        )
    if not facts.keeper:
        yield Reason(Level.CRITICAL, NO_KEEPER)
    if facts.open_items and not facts.workers:
        yield Reason(Level.CRITICAL, NO_WORKERS)
    for pool, who in facts.paused.items():
        yield Reason(
            Level.WARNING,
            Texts(
                f"{who}さんが{pool}プールへの送信を停止しています。",
                f"{who} lets nothing be sent to the {pool} pool.",
            ),
        )
    for job in facts.held:
        yield Reason(
            Level.WARNING,
            Texts(
                f"{job}は予算を使い切り、一時停止しています。",
                f"{job} has used its budget up and has paused.",
            ),
        )
    for severity, title in facts.alarms:
        bad = Level.CRITICAL if severity is Severity.CRITICAL else Level.WARNING
        yield Reason(bad, title)
    if not facts.evaluated:
        yield Reason(Level.WARNING, NOT_EVALUATED)
