"""The texts of the audit trail in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts

AUDIT_WORDS = {
    "filter": Texts("絞り込み", "Filter"),
    "at": Texts("日時", "When"),
    "user": Texts("操作者", "Who"),
    "system": Texts("コマンドまたは自動", "a command or the system"),
    "action": Texts("操作", "What"),
    "any": Texts("すべて", "any"),
    "of": Texts("対象", "Of"),
    "number": Texts("番号", "Number"),
    "difference": Texts("変更前 → 変更後", "Before → after"),
    "apply": Texts("表示", "Show"),
    "export": Texts("CSVで保存", "Save as CSV"),
    "newer": Texts("新しい方へ", "Newer"),
    "older": Texts("古い方へ", "Older"),
    "of_all": Texts(
        "全員のすべての変更です。{kept}",
        "All changes, by everybody. {kept}",
    ),
    "of_reach": Texts(
        "自分が行った変更と、閲覧できるアップロードとジョブに行われた変更です。"
        "すべてを見るにはオペレーターの権限が必要です。{kept}",
        "What you changed, and what was changed of the uploads and jobs that you may look at. "
        "Operators see everything. {kept}",
    ),
    "kept_for": Texts("記録は{days}日間保存されます。", "Entries are kept for {days} days."),
    "kept": Texts("記録は削除されません。", "Entries are kept for ever."),
    "none": Texts(
        "記録はありません。ジョブの開始や取り消しなど、変更がここに残ります。",
        "There are no entries. Whatever somebody changes, such as starting a job, stays here.",
    ),
}
DID = {
    "upload": Texts("アップロード", "uploaded"),
    "mark": Texts("週次実行に予約", "marked for the weekly run"),
    "unmark": Texts("週次実行から除外", "took the mark away"),
    "start": Texts("開始", "started"),
    "pause": Texts("一時停止", "paused"),
    "resume": Texts("再開", "resumed"),
    "forget": Texts("古い監査記録を削除", "deleted old entries of the audit trail"),
    "hold": Texts("予算に達したため一時停止", "paused itself, its budget is used up"),
    "budget": Texts("予算を変更", "changed the budget"),
    "cancel": Texts("取り消し", "cancelled"),
    "retry": Texts("再試行", "retried"),
    "move": Texts("レーン変更", "moved to another lane"),
    "acknowledge": Texts("確認", "acknowledged"),
    "mute": Texts("通知を停止", "muted"),
    "unmute": Texts("通知を再開", "let ring again"),
    "redrive": Texts("デッドレターを再送", "redrove dead letters"),
    "delete": Texts("デッドレターを削除", "deleted dead letters"),
    "stop": Texts("中止", "stopped"),
    "repair": Texts("修復", "repaired"),
    "sample": Texts("試作", "tried a few titles"),
    "reconcile": Texts("照合", "compared with the catalogue"),
}
