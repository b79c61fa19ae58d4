"""The texts of the dashboard's frame and overview in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

from enrichment.models import Job
from mangaassist.language import Language
from mangaassist.messages import Texts

WORDS = {
    # The frame of every page
    "pages": Texts("ページ", "Pages"),
    "chat": Texts("チャット", "Chat"),
    "overview": Texts("概要", "Overview"),
    "audit": Texts("監査記録", "Audit trail"),
    "theme": Texts("配色", "Colours"),
    "theme_system": Texts("自動", "automatic"),
    "theme_light": Texts("明るい", "light"),
    "theme_dark": Texts("暗い", "dark"),
    "keys": Texts("キー操作", "Keys"),
    "close": Texts("閉じる", "Close"),
    "uploads": Texts("アップロード", "Uploads"),
    "reload": Texts("再読み込み", "Reload"),
    "reconciliation": Texts("照合", "Reconciliation"),
    "title": Texts("ダッシュボード", "Dashboard"),
    "skip": Texts("本文へ移動", "Skip to the content"),
    "admin": Texts("管理サイト", "Admin"),
    "sign_out": Texts("ログアウト", "Sign out"),
    "other_language": Texts("English", "日本語"),
    "freeze": Texts("表示を固定", "Freeze"),
    "unfreeze": Texts("更新を再開", "Go on"),
    "frozen": Texts("固定中", "Frozen"),
    "live": Texts("自動更新中", "Live"),
    "stale": Texts(
        "更新が届いていません。表示は古い可能性があります。再接続しています…",
        "No news arrives; what you see may be old. Connecting again…",
    ),
    "as_of": Texts("時点", "As of"),
    "verdict": Texts("全体の状態", "How things are"),
    # Jobs
    "jobs": Texts("ジョブ", "Jobs"),
    "no_jobs": Texts(
        "ジョブはまだありません。新刊リストをアップロードして開始すると、ここに進み具合が表示されます。",
        "There are no jobs yet. Upload a release and start it, and its progress appears here.",
    ),
    "job": Texts("名前", "Name"),
    "progress": Texts("進捗", "Progress"),
    "done": Texts("完了", "done"),
    "failed": Texts("失敗", "failed"),
    "open": Texts("残り", "left"),
    "running": Texts("実行中", "running"),
    "rate": Texts("件/秒", "per s"),
    "eta": Texts("残り時間", "Time left"),
    "stalled": Texts("停滞中", "stalled"),
    "measuring": Texts("計測中", "not known yet"),
    "cost": Texts("費用", "Cost"),
    "budget": Texts("予算", "budget"),
    "state": Texts("状態", "State"),
    # Pools and queues
    "pools": Texts("プール", "Pools"),
    "pool": Texts("プール", "Pool"),
    "processes": Texts("プロセス", "Processes"),
    "in_use": Texts("使用中", "In use"),
    "reserved": Texts("確保数", "Reserved"),
    "backlog": Texts("未処理", "Backlog"),
    "blocked": Texts("停止中", "blocked"),
    "queues": Texts("キュー", "Queues"),
    "queue": Texts("キュー", "Queue"),
    "waiting": Texts("待機", "Waiting"),
    "in_flight": Texts("処理中", "In flight"),
    "dead_letters": Texts("デッドレター", "Dead letters"),
    "oldest": Texts("最古（秒）", "Oldest (s)"),
    "unmeasured": Texts("この1分は計測されていません", "not measured in the last minute"),
    "window": Texts("ウィンドウ", "Window"),
    "outstanding": Texts("送信済み・実行中", "Outstanding"),
    "factor": Texts("Bedrockの利用枠", "Bedrock quota in use"),
    # Alarms
    "alarms": Texts("アラーム", "Alarms"),
    "no_alarms": Texts("鳴っているアラームはありません。", "No alarm rings."),
    "alarm": Texts("アラーム", "Alarm"),
    "value": Texts("値", "Value"),
    "rings": Texts("しきい値", "Rings at"),
    "since": Texts("継続時間", "For"),
    "handled_by": Texts("対応またはミュート", "acknowledged or muted by"),
    "runbook": Texts("手順書", "Runbook"),
}
JOB_STATES = {
    Job.State.OPEN: Texts("実行中", "running"),
    Job.State.PAUSED: Texts("一時停止", "paused"),
    Job.State.DONE: Texts("完了", "done"),
    Job.State.FAILED: Texts("失敗あり", "with failures"),
    Job.State.CANCELLED: Texts("取り消し", "cancelled"),
}

HELD = Texts("停止中: 予算", "held: budget")


def in_(language: Language, text: Texts) -> str:
    """Texts of pages have no parameters, and may hold braces of others."""
    return text.ja if language is Language.JA else text.en


def words(language: Language, *more: Mapping[str, Texts]) -> dict[str, str]:
    """The texts of the frame, and those of one page."""
    return {name: in_(language, text) for table in (WORDS, *more) for name, text in table.items()}
