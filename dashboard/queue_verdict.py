"""How one pool and its queue are, in one word with its reasons: the worst one decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.verdict import NOTHING, Level, Reason, Verdict, weigh
from mangaassist.messages import Texts
from mangaassist.scaling.forecast import Forecast, Outlook

LATE, TOO_LATE = 300.0, 900.0  # seconds that the oldest message may wait; the alarm rings at 900
BUSY = 80  # percent of the reserved permits, where its alarm rings

WORKING = Texts("処理中です。", "Work is being done.")
UNMEASURED = Texts(
    "この1分間、未処理の数が計測されていません。キーパーが動いているか確認してください。",
    "Nobody has measured the backlog in the last minute. See whether a keeper lives.",
)
STALLED = Texts(
    "待っている作業がありますが、この1分間にほとんど終わっていません。",
    "Work waits, and nearly nothing has ended in the last minute.",
)


@dataclass(frozen=True)
class QueueFacts:
    """oldest: age in seconds; dead_letters: messages; used: percent of the reserved permits;
    paused: who paused it, empty when nobody has."""

    pool: str
    forecast: Forecast
    backlog: float
    oldest: float
    dead_letters: float
    used: float
    blocked: str
    paused: str
    has_queue: bool = True


def judge_queue(facts: QueueFacts) -> Verdict:
    well = Reason(Level.BUSY, WORKING) if facts.backlog else Reason(Level.WELL, NOTHING)
    return weigh(_troubles(facts), well)


def _troubles(facts: QueueFacts) -> Iterator[Reason]:
    if facts.blocked:
        yield Reason(
            Level.CRITICAL,
            Texts(f"設定の誤りで停止中: {facts.blocked}", f"Blocked: {facts.blocked}"),
        )
    if facts.used > BUSY:
        used = f"{facts.used:.0f}"
        yield Reason(
            Level.WARNING,
            Texts(f"確保数の{used}%を使用中です。", f"{used} % of its reserve is in use."),
        )
    if facts.has_queue:
        yield from _of_queue(facts)


def _of_queue(facts: QueueFacts) -> Iterator[Reason]:
    if facts.oldest > LATE:
        minutes = f"{facts.oldest / 60:.0f}"
        yield Reason(
            Level.CRITICAL if facts.oldest > TOO_LATE else Level.WARNING,
            Texts(
                f"最古の作業が{minutes}分待っています。",
                f"The oldest work has waited {minutes} min.",
            ),
        )
    if facts.paused:
        yield Reason(
            Level.WARNING,
            Texts(f"{facts.paused}さんが送信を停止しました。", f"{facts.paused} has paused it."),
        )
    if facts.dead_letters:
        count = f"{facts.dead_letters:.0f}"
        yield Reason(
            Level.WARNING,
            Texts(f"デッドレターが{count}件あります。", f"There are {count} dead letters."),
        )
    yield from _of_forecast(facts.pool, facts.forecast)


def _of_forecast(pool: str, forecast: Forecast) -> Iterator[Reason]:
    outlook, growth = forecast.outlook, f"{forecast.growth:.0f}"
    if outlook is Outlook.NO_CONSUMERS:
        yield Reason(
            Level.CRITICAL,
            Texts(
                "作業が待っていますが、ワーカーがいません。"
                f"「manage.py worker {pool}」で起動してください。",
                f"Work waits and no worker lives. Start one: manage.py worker {pool}",
            ),
        )
    if outlook is Outlook.GROWS:
        yield Reason(
            Level.WARNING,
            Texts(
                f"未処理が減っていません（毎分+{growth}件）。",
                f"The backlog does not shrink (+{growth} a minute).",
            ),
        )
    if outlook is Outlook.STALLED:
        yield Reason(Level.WARNING, STALLED)
    if outlook is Outlook.UNKNOWN:
        yield Reason(Level.WARNING, UNMEASURED)
