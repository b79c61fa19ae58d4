"""The texts of the reconciliation's pages in Japanese and English."""

from __future__ import annotations

from enrichment.findings import Discrepancy, Reconciliation
from mangaassist.messages import Texts

WORDS = {
    "intro": Texts(
        "データベースの項目を、キューのメッセージおよびカタログの行と照合します。照合は1時間ごとに自動で行われ、費用のかからない修復はその場で行います。",
        "Compares the items of the database with the messages of the queue and the rows of the "
        "catalogue. It runs every hour by itself and repairs what costs nothing.",
    ),
    "begin": Texts("照合を始める", "Reconcile now"),
    "job_number": Texts(
        "ジョブ番号（空欄なら直近24時間）", "Job number (empty: the last 24 hours)"
    ),
    "no_job": Texts(
        "その番号のジョブはありません。ジョブ一覧で番号を確かめてください。",
        "There is no job of that number. Look it up in the list of jobs.",
    ),
    "repair": Texts("修復", "Repair"),
    "runs": Texts("これまでの照合", "Runs"),
    "run": Texts("照合", "Run"),
    "scope": Texts("対象", "Of"),
    "scope_job": Texts("ジョブ #{job}", "job #{job}"),
    "scope_since": Texts("{since} 以降に終わった項目", "items that ended since {since}"),
    "by": Texts("開始者", "By"),
    "by_keeper": Texts("自動", "by itself"),
    "compared": Texts("照合済み", "Compared"),
    "found": Texts("不一致", "Did not agree"),
    "repaired": Texts("修復済み", "Repaired"),
    "duplicates": Texts("余分なメッセージ", "Messages too many"),
    "duplicates_harmless": Texts(
        "どの項目のものでもない古いメッセージです。ワーカーが費用なしで片付けます。",
        "Old messages that belong to no delivery any more. Workers settle them at no cost.",
    ),
    "no_runs": Texts(
        "まだ照合は行われていません。キーパーが動いていれば1分以内に始まります。",
        "Nothing was compared yet. With a living keeper the first run begins within a minute.",
    ),
    "waits": Texts("順番待ち", "waits for a worker"),
    "works": Texts("照合中", "runs"),
    "ended": Texts("終了", "ended"),
    "stuck": Texts("中断中（自動で再試行）", "got no further, tries again"),
    "agrees": Texts("すべて一致しました。", "Everything agrees."),
    "item": Texts("項目", "Item"),
    "name": Texts("作品", "Title"),
    "state_now": Texts("現在の状態", "State now"),
    "shown": Texts("最初の {shown} 件を表示しています。", "The first {shown} are shown."),
    "repair_all": Texts("すべて修復する", "Repair all of these"),
    "costs": Texts(
        "{count} 件はモデルにもう一度依頼します（約 ${cost}）。",
        "Titles to ask of the model again: {count}, for about ${cost}.",
    ),
    "costs_nothing": Texts("修復に費用はかかりません。", "The repair costs nothing."),
    "not_allowed": Texts(
        "照合を始められるのはオペレーターだけです。", "Only operators may begin a run."
    ),
}
REPAIRS = {
    Reconciliation.Repair.NOTHING: Texts("しない（確認のみ）", "nothing (a dry run)"),
    Reconciliation.Repair.FREE: Texts("費用のかからないもの", "what costs nothing"),
    Reconciliation.Repair.ALL: Texts(
        "すべて（再生成を含む）", "everything, also what is paid again"
    ),
}
DISCREPANCIES = {
    Discrepancy.LOST_MESSAGE: Texts("メッセージの消失", "lost message"),
    Discrepancy.LOST_STATUS: Texts("状態の記録漏れ", "lost status"),
    Discrepancy.LOST_WRITE: Texts("カタログの欠落", "lost write"),
}
MEANINGS = {
    Discrepancy.LOST_MESSAGE: Texts(
        "送信済みなのにキューが空です。もう一度送ります。",
        "The item is queued and the queue is empty. It is sent again.",
    ),
    Discrepancy.LOST_STATUS: Texts(
        "結果はカタログにありますが、完了になっていません。支払い済みの結果を引き継ぎます。",
        "The catalogue holds the result and the item is not done. What is paid for is taken over.",
    ),
    Discrepancy.LOST_WRITE: Texts(
        "完了していますが、カタログに結果がありません。意図して削除したのでなければ、作り直します。",
        "The item is done and the catalogue does not hold it. Unless somebody removed it on "
        "purpose, it is written anew.",
    ),
}
