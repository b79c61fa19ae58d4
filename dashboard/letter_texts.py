"""The texts about dead letters in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts

WORDS = {
    "letters": Texts("デッドレター", "Dead letters"),
    "what": Texts(
        "ワーカーが{receives}回受け取っても終えられなかったメッセージです。作品とリリースはデータベースにあり、"
        "ここから何かを送らなくても失われません。一覧の表示はメッセージを取り出しません。",
        "Messages that workers received {receives} times and could not end. "
        "Titles and releases are in the database: none is lost if nothing is done here. "
        "Looking takes no message out.",
    ),
    "none": Texts("デッドレターはありません。", "There are no dead letters."),
    "shown": Texts("{count}件中{shown}件を表示", "{shown} of about {count} shown"),
    "cut": Texts(
        "SQSは、同じグループのメッセージを先頭の10件までしか見せません。{groups}には続きがあるかもしれません。"
        "先頭のものを再送または削除すると見えるようになります。",
        "SQS shows the first ten messages of a group alone. More may stand behind those of "
        "{groups}; they show when the first ones are redriven or deleted.",
    ),
    "away": Texts(
        "SQSに問い合わせできません。しばらくしてから再読み込みしてください（{cause}）",
        "SQS does not answer. Reload in a little while ({cause})",
    ),
    "choose": Texts("選択", "Choose"),
    "message": Texts("メッセージ", "Message"),
    "task": Texts("タスク", "Task"),
    "foreign": Texts("読めない内容", "unreadable body"),
    "group": Texts("グループ", "Group"),
    "receives": Texts("受信回数", "Receives"),
    "first": Texts("最初の受信", "First received"),
    "sent": Texts("送信", "Sent"),
    "now": Texts("現在の状態と原因", "State now, and cause"),
    "outdated": Texts(
        "古い：再送しても何も起きません", "outdated: sent again, it would do nothing"
    ),
    "waits": Texts("この配信を待っています", "its work waits for this delivery"),
    "unknown": Texts(
        "再送すると、まだ必要なら処理されます", "sent again, it is done if still needed"
    ),
    "do": Texts("処理", "What to do"),
    "redrive_chosen": Texts("選択したものを再送", "Redrive the chosen"),
    "delete_chosen": Texts("選択したものを削除", "Delete the chosen"),
    "redrive_any": Texts("先頭から再送", "Redrive the first ones"),
    "most": Texts("件数", "How many"),
    "rate": Texts("毎分の件数", "How many a minute"),
    "look_first": Texts(
        "確認へ進む（まだ何も変わりません）", "Go on to a dry run (changes nothing yet)"
    ),
    "nothing_chosen": Texts("メッセージを選択してください。", "Choose messages first."),
    # Dry run
    "dry_run": Texts("確認（試行）", "Dry run"),
    "would_redrive": Texts(
        "{dead}から{queue}へ最大{most}件を毎分{rate}件で再送します。約{time}かかります。"
        "グループはそのまま、重複排除IDは新しくなります。先に送り、後で消すので、途中で失敗しても失われません。",
        "Up to {most} letters go from {dead} to {queue}, {rate} a minute, in about {time}. "
        "Each keeps its group and gets a new deduplication id. It is sent first and deleted after, "
        "so that a failure on the way loses nothing.",
    ),
    "would_delete": Texts(
        "{dead}から選択した{most}件を削除します。元に戻せません。",
        "The {most} chosen letters are deleted from {dead}. That cannot be undone.",
    ),
    "of_those": Texts(
        "いま見える{seen}件のうち、{outdated}件は古く、再送しても何も起きません。",
        "Of the {seen} of them that can be seen now, {outdated} are outdated and would do nothing.",
    ),
    "yes_redrive": Texts("再送を始める", "Begin the redrive"),
    "yes_delete": Texts("削除する", "Delete them"),
    "back": Texts("やめる", "Go back"),
    # Orders
    "orders": Texts("最近の処理", "What was ordered lately"),
    "no_orders": Texts("まだありません。", "Nothing yet."),
    "who": Texts("誰が", "Who"),
    "when": Texts("いつ", "When"),
    "action": Texts("処理", "What"),
    "progress_of": Texts("進み具合", "Progress"),
    "redrive": Texts("再送", "redrive"),
    "delete": Texts("削除", "delete"),
    "ended": Texts("終了", "ended"),
    "runs": Texts("実行中（キーパーが進めます）", "under way (a keeper does it)"),
    "stop": Texts("中止", "Stop"),
    "reload": Texts("再読み込み", "Reload"),
    "not_allowed": Texts(
        "再送と削除にはオペレーターの権限が必要です。", "Only operators may redrive or delete."
    ),
}
