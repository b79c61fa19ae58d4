"""Why items did not succeed: grouped by cause, each with what is known to help."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max

from enrichment.models import Item, Job
from enrichment.states import RETRYABLE, State
from mangaassist.messages import Texts

RETRY = Texts(
    "原因は一時的なものです。再試行してください。", "The cause was passing. Retry these items."
)
REPAIR = Texts(
    "設定または権限の誤りです。運用担当者が修復すると自動で再開します。",
    "A setting or permission is wrong. Items go on by themselves when operations have repaired it.",
)
FIXES = {
    "refused": Texts(
        "モデルが回答を断りました。作品名や備考の表現を確かめ、必要なら手で書いてください。",
        "The model declined. Check the wording of title and note, or write these texts by hand.",
    ),
    "input_too_long": Texts(
        "入力が長すぎます。備考を短くしてからアップロードし直してください。",
        "The input is too long. Shorten the note and upload the row again.",
    ),
    "item_too_large": Texts(
        "カタログの行が 400 KB を超えます。古い項目を減らしてください。",
        "The catalogue row would exceed 400 KB. Remove old entries from it.",
    ),
    "broken_row": Texts(
        "カタログの行が壊れています。手で直してから再試行してください。",
        "The catalogue row is broken. Repair it by hand, then retry.",
    ),
    "worker_lost": Texts(
        "処理中にワーカーが何度も停止しました。ワーカーのログを確かめてから再試行してください。",
        "Workers died with this item. Look at their logs, then retry.",
    ),
    "unexpected": Texts(
        "予期しないエラーです。メッセージを開発者に伝え、再試行してください。",
        "An unexpected error. Tell the developers the message, then retry.",
    ),
    "AccessDeniedException": REPAIR,
    "ResourceNotFoundException": REPAIR,
    "ValidationException": REPAIR,
}  # fmt: skip
UNUSABLE = Texts(
    "モデルの回答が条件を満たしませんでした。再試行で直ることがあります。",
    "The model's answer did not meet the rules. A retry often helps.",
)
BAD_ANSWERS = (
    "truncated", "unexpected_stop", "empty", "not_json", "bad_schema", "too_short", "too_long",
    "bad_unicode", "markup", "wrong_language",
)  # fmt: skip
FIXES |= dict.fromkeys(BAD_ANSWERS, UNUSABLE)


@dataclass(frozen=True)
class Cause:
    """Items of one job in one state for the same reason; the example is the newest of them."""

    state: State
    code: str
    count: int
    example: Item

    @property
    def retryable(self) -> bool:
        return self.state in RETRYABLE

    @property
    def fix(self) -> Texts:
        """What is known to help."""
        return FIXES.get(self.code, RETRY)


def causes(job: Job) -> list[Cause]:
    """Most frequent first: what failed, and what waits after a failure."""
    stopped = job.items.exclude(code="").exclude(state__in=[State.DONE, State.CANCELLED])
    groups = list(
        stopped.values("state", "code")
        .annotate(count=Count("pk"), newest=Max("pk"))
        .order_by("-count", "state", "code")
    )
    examples = Item.objects.in_bulk([group["newest"] for group in groups])
    return [
        Cause(State(group["state"]), group["code"], group["count"], examples[group["newest"]])
        for group in groups
    ]
