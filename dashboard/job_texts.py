"""The texts of the pages about jobs and items in Japanese and English."""

from __future__ import annotations

from dashboard.audit_texts import DID
from enrichment.models import Job
from enrichment.states import State
from enrichment.window import Lane
from mangaassist.messages import Texts

JOB_WORDS = {
    # The list
    "all": Texts("すべて", "All"),
    "filter": Texts("絞り込み", "Filter"),
    "search": Texts("ファイル名またはジョブ番号", "File name or job number"),
    "mine": Texts("自分のジョブのみ", "Only mine"),
    "apply": Texts("表示", "Show"),
    "none_match": Texts(
        "条件に合うジョブはありません。条件を変えるか、すべてを表示してください。",
        "No job matches. Change the filter, or show all.",
    ),
    "show_all": Texts("すべて表示", "Show all"),
    "newer": Texts("新しい方へ", "Newer"),
    "older": Texts("古い方へ", "Older"),
    "by": Texts("開始者", "By"),
    "age": Texts("経過", "Age"),
    "by_schedule": Texts("週次実行", "weekly run"),
    "by_command": Texts("コマンド", "command"),
    # One job
    "written": Texts("カタログに書き込み済み", "Written, verified"),
    "failed_items": Texts("失敗", "Failed"),
    "on_the_way": Texts("送信済み・実行中", "In flight"),
    "pending": Texts("待機中", "Waiting"),
    "rate_now": Texts("速度（件/秒）", "Rate (per s)"),
    "projected": Texts("予測", "projected"),
    "flow": Texts("時間の経過", "Over time"),
    "flow_says": Texts(
        "全{total}件のうち、開始・終了・完了した件数の推移。",
        "How many of {total} had begun, ended and been written.",
    ),
    "as_table": Texts("表で見る", "As a table"),
    "time": Texts("時刻", "Time"),
    "begun": Texts("開始", "Begun"),
    "ended": Texts("終了", "Ended"),
    "causes": Texts("原因別の失敗", "Failures by cause"),
    "no_causes": Texts("失敗した作品はありません。", "Nothing has failed."),
    "cause": Texts("原因", "Cause"),
    "count": Texts("件数", "Count"),
    "example": Texts("例", "Example"),
    "fix": Texts("対処", "What helps"),
    "retry_these": Texts("この{count}件を再試行", "Retry these {count}"),
    "items": Texts("作品", "Items"),
    "no_items": Texts("条件に合う作品はありません。", "No item matches."),
    "title": Texts("作品名", "Title"),
    "tries": Texts("試行", "Tries"),
    "item_search": Texts("作品IDまたは作品名", "Title or its id"),
    "timeline": Texts("経緯", "Timeline"),
    "by_itself": Texts("自動", "by itself"),
    "prompt": Texts("プロンプト", "Prompt"),
    "version": Texts("版", "Version"),
    "tokens": Texts("トークン", "tokens"),
    "at_most": Texts("回答は最大", "Answer at most"),
    "sample": Texts("例（先頭の作品）", "Of its first title"),
    "system": Texts("指示", "Instructions"),
    "result": Texts("結果の例", "A result"),
    "api": Texts("同じ内容をAPIで取得", "The same over the API"),
    "options": Texts("条件", "Options"),
    "writes": Texts("生成する内容", "Writes"),
    "model": Texts("モデル", "Model"),
    "lane": Texts("レーン", "Lane"),
}
STANDING = Texts(
    "{total}件中{done}件をカタログに書き込み済み、失敗{failed}件。",
    "{done} of {total} are written to the catalogue, {failed} failed.",
)
LEVELS = {
    Job.State.OPEN: "busy",
    Job.State.PAUSED: "warning",
    Job.State.DONE: "well",
    Job.State.FAILED: "warning",
    Job.State.CANCELLED: "warning",
}
LANES = {
    Lane.NORMAL: Texts("通常", "normal"),
    Lane.LOW: Texts("低優先", "low"),
}
ITEM_STATES = {
    State.PENDING: Texts("待機中", "waiting"),
    State.QUEUED: Texts("送信済み", "queued"),
    State.RUNNING: Texts("実行中", "running"),
    State.DONE: Texts("完了", "done"),
    State.FAILED: Texts("失敗", "failed"),
    State.REFUSED: Texts("モデルが拒否", "refused"),
    State.QUARANTINED: Texts("隔離", "quarantined"),
    State.CANCELLED: Texts("取り消し", "cancelled"),
}
EVENTS = DID | {
    "started": Texts("開始", "started"),
    "ended": Texts("終了", "ended"),
    "mailed": Texts("メールで通知", "told by e-mail"),
    "posted": Texts("Webhookで通知", "told by webhook"),
}
