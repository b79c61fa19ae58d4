"""What people are told before and after they act on a job, in Japanese and English."""

from __future__ import annotations

from dataclasses import dataclass

from enrichment.effects import Action
from mangaassist.messages import Texts


@dataclass(frozen=True)
class Saying:
    """name: of the button; touches, leaves: what changes and what does not; done: afterwards."""

    name: Texts
    touches: Texts
    leaves: Texts
    done: Texts


ACTIONS = {
    Action.PAUSE: Saying(
        Texts("一時停止", "Pause"),
        Texts(
            "送信済みでまだ始まっていない{touched}件を待機に戻し、新しい送信を止めます。",
            "{touched} queued items come back to wait, and nothing more is sent.",
        ),
        Texts(
            "実行中の{running}件は最後まで処理されます。待機中の{waiting}件は再開まで待ちます。",
            "{running} running items finish. {waiting} waiting items wait until you resume.",
        ),
        Texts(
            "一時停止しました。{touched}件を待機に戻しました。",
            "Paused; {touched} items came back to wait.",
        ),
    ),
    Action.RESUME: Saying(
        Texts("再開", "Resume"),
        Texts(
            "待機中の{touched}件を順に送信します。",
            "{touched} waiting items are sent in their turn.",
        ),
        Texts("実行中の{running}件はそのまま続きます。", "{running} running items go on."),
        Texts("再開しました。", "Resumed."),
    ),
    Action.BUDGET: Saying(
        Texts("予算を変更", "Change the budget"),
        Texts(
            "ジョブの費用の上限が変わります。予算で止まっていた{touched}件は処理を再開します。空欄は上限なしです。",
            "What the job may cost changes. {touched} items that the old budget held go on. Empty "
            "means no limit.",
        ),
        Texts(
            "実行中の{running}件と待機中の{waiting}件はそのままです。これまでの費用は${spent}です。",
            "{running} running and {waiting} waiting items stay as they are. It has cost ${spent} "
            "until now.",
        ),
        Texts("予算を変更しました。", "The budget is changed."),
    ),
    Action.CANCEL: Saying(
        Texts("取り消し", "Cancel"),
        Texts(
            "まだ始まっていない{touched}件を取り消します。元に戻せません。",
            "{touched} items that have not begun are withdrawn for good.",
        ),
        Texts(
            "実行中の{running}件は最後まで処理されます。書き込み済みの結果は残ります。",
            "{running} running items finish. What is written stays.",
        ),
        Texts("{touched}件を取り消しました。", "{touched} items were withdrawn."),
    ),
    Action.RETRY: Saying(
        Texts("失敗分を再試行", "Retry failed"),
        Texts(
            "失敗した{touched}件をもう一度処理します。費用の目安は${cost}です。",
            "{touched} failed items are tried again, for about ${cost}.",
        ),
        Texts(
            "完了した作品と、実行中の{running}件、待機中の{waiting}件には影響しません。",
            "What is done stays, as do {running} running and {waiting} waiting items.",
        ),
        Texts("{touched}件をもう一度処理します。", "{touched} items will be tried again."),
    ),
}
ACTION_WORDS = {
    "touches": Texts("変わるもの", "What changes"),
    "leaves": Texts("変わらないもの", "What stays"),
    "budget": Texts("予算（米ドル）", "Budget (USD)"),
    "no_amount": Texts(
        "予算は0.01ドル以上で、セント単位で入力してください。",
        "A budget is 0.01 USD or more, in whole cents.",
    ),
    "only": Texts("対象", "Only"),
    "back": Texts("やめて戻る", "Go back"),
    "nothing": Texts(
        "今のジョブの状態では、対象がありません。ジョブに戻ってください。",
        "In its present state the job has nothing that this would change. Go back to it.",
    ),
    "twice": Texts("すでに実行済みです。", "That was done already."),
    "unchanged": Texts("変更はありませんでした。", "Nothing was changed."),
}
