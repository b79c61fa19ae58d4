"""The texts of the chat's page in Japanese and English."""

from __future__ import annotations

from chat.turns import State
from mangaassist.messages import Texts

WORDS = {
    "what": Texts(
        "すべてのWebプロセスの合計です。キーパーが1分ごとに集計します。会話の文章はここには表示されません。",
        "Totals of all web processes, which a keeper sums up each minute. "
        "No text of any chat is here.",
    ),
    "span": Texts("期間", "Period"),
    "since": Texts("{begin}から", "since {begin}"),
    "nothing": Texts(
        "この期間にチャットは使われていません。", "Nobody has used the chat in this period."
    ),
    "answers": Texts("回答数", "Answers"),
    "first_word": Texts("最初の言葉まで（p95）", "First words (p95)"),
    "failed_share": Texts("失敗・途切れ", "Failed or cut"),
    "deferred_share": Texts("後から届いた割合", "Deferred"),
    "no_hit": Texts("作品が見つからない割合", "No title found"),
    "no_hit_means": Texts(
        "作品名を含まない挨拶なども数えます",
        "counts greetings and the like, which name no title, too",
    ),
    "cost": Texts("モデルの費用", "Cost of the model"),
    "liked": Texts("評価（良い / 悪い）", "Feedback (up / down)"),
    "line_answers": Texts("回答数", "Answers"),
    "line_first_word": Texts("最初の言葉まで p95（ミリ秒）", "First words, p95 (ms)"),
    "line_deferred": Texts("後から届いた割合（%）", "Deferred (%)"),
    "line_refusals": Texts("拒否された要求とメッセージ", "Refused requests and messages"),
    "line_desc": Texts("最新{now}、最大{high}", "latest {now}, highest {high}"),
    "line_none": Texts("計測値なし", "nothing was measured"),
    "states": Texts("回答の終わり方", "How answers ended"),
    "state": Texts("状態", "State"),
    "count": Texts("件数", "Count"),
    "refusals": Texts("拒否の理由と言語", "Refusals by reason and language"),
    "refusals_means": Texts(
        "APIの要求とチャットのメッセージの合計です。ある言語だけが多い場合は、検査の誤りを疑ってください。",
        "Requests to the API and messages of the chat. Many in one language alone point to a check "
        "that is wrong.",
    ),
    "reason": Texts("理由", "Reason"),
    "all_asked": Texts("受け付けた要求とメッセージ", "All requests and messages"),
    "no_refusals": Texts("拒否はありません。", "Nothing was refused."),
}
STATES = {
    State.COMPLETE: Texts("完了", "complete"),
    State.DEFERRED: Texts("後から届く", "deferred"),
    State.STOPPED: Texts("利用者が停止", "stopped by the shopper"),
    State.TRUNCATED: Texts("長すぎて終了", "too long"),
    State.INCOMPLETE: Texts("途切れた", "broke off"),
    State.REFUSED: Texts("拒否", "refused"),
    State.FAILED: Texts("失敗", "failed"),
    State.WITHDRAWN: Texts("取り下げ", "withdrawn"),
}
