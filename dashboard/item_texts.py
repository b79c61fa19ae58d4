"""The texts of the page about one item in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts

ITEM_WORDS = {
    "job": Texts("ジョブ", "Job"),
    "way": Texts("処理の記録", "Its way so far"),
    "deliveries": Texts("送信ごとの記録", "Each delivery"),
    "deliveries_help": Texts(
        "失敗として数えた送信と、最後の送信です。待機で戻った送信の費用は次の行に含まれます。",
        "Those that failed, and the last one. What one cost that had to wait is in the next row.",
    ),
    "number": Texts("送信", "No."),
    "begun": Texts("開始", "Begun"),
    "ended": Texts("終了", "Ended"),
    "result": Texts("結果", "Result"),
    "message": Texts("SQSメッセージ（受信回数）", "SQS message (times received)"),
    "request": Texts("リクエストID", "Request id"),
    "calls": Texts("呼び出し", "Calls"),
    "tokens": Texts("トークン（入力 / 出力）", "Tokens in / out"),
    "cost": Texts("費用", "Cost"),
    "worker": Texts("ワーカー", "Worker"),
    "fix": Texts("対処", "What helps"),
    "retry": Texts("この作品を再試行", "Retry this item"),
    "catalogue": Texts(
        "カタログの内容（DynamoDBから今読んだもの）", "In the catalogue, read from DynamoDB now"
    ),
    "absent": Texts("カタログにありません", "not in the catalogue"),
    "mine": Texts("この作品の処理が書き込みました", "written by this item"),
    "other": Texts("別の処理が書き込みました", "written by another item"),
    "unread": Texts("カタログを読めません。", "The catalogue cannot be read."),
    "offer_only": Texts(
        "価格・在庫・巻数のみの更新です。文章は作成しません。",
        "Only shop data changed: the catalogue is brought up to date without new texts.",
    ),
    "logs": Texts("この作品のログを探すには", "To find it in the logs"),
    "draft": Texts(
        "支払い済みで、まだ書き込まれていない回答があります。次の送信で書き込まれます。",
        "An answer is paid for and not written yet. The next delivery writes it.",
    ),
}
FIELDS = {
    "delivery": Texts("送信回数", "Deliveries"),
    "message_id": Texts("SQSメッセージ（最後の送信）", "SQS message of the last delivery"),
    "receives": Texts("その受信回数", "Times received"),
    "tries": Texts("失敗として数えた試行", "Tries counted as failed"),
    "snoozes": Texts("待機（試行に数えない）", "Waits that used no try"),
    "crashes": Texts("ワーカーの停止", "Workers lost"),
    "not_before": Texts("次の送信はこれ以降", "Not sent before"),
    "queued_at": Texts("送信", "Queued"),
    "started_at": Texts("処理開始", "Begun"),
    "ended_at": Texts("終了", "Ended"),
    "lease_until": Texts("リース期限", "Lease until"),
    "worker": Texts("ワーカー", "Worker"),
    "calls": Texts("Bedrock呼び出し", "Bedrock calls"),
    "request_id": Texts("最後の呼び出しのリクエストID", "Request id of the last call"),
    "input_tokens": Texts("入力トークン", "Input tokens"),
    "output_tokens": Texts("出力トークン", "Output tokens"),
    "cost": Texts("費用（USD）", "Cost (USD)"),
}
