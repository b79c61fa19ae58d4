"""The texts of the queues' page in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts
from mangaassist.scaling.forecast import Outlook

WORDS = {
    "queue_of": Texts("キュー", "Queue"),
    "no_queue": Texts(
        "キューはありません。Webプロセスの中で働きます。",
        "It has no queue: it works inside the web processes.",
    ),
    "permits": Texts("許可（同時実行）", "Permits"),
    "gauge": Texts("確保数の使用率", "Share of the reserve in use"),
    "of_reserve": Texts("使用中 / 稼働中 / 確保数", "in use / living / reserved"),
    "slots": Texts("スロット", "Slots"),
    "consumers": Texts("ワーカー", "Consumers"),
    "depth": Texts("待機", "Depth"),
    "age": Texts("最古", "Oldest"),
    "comes_and_ends": Texts("毎分の到着 / 完了", "In / out a minute"),
    "ahead": Texts("見通し", "Forecast"),
    "untold_age": Texts(
        "SQSはこのキューのメッセージの経過時間を教えません",
        "SQS does not tell the age of messages in this queue",
    ),
    "line_depth": Texts("待機数", "Depth"),
    "line_age": Texts("最古の待ち時間（秒）", "Age of the oldest (s)"),
    "line_ended": Texts("毎分の完了数", "Ended a minute"),
    "line_desc": Texts("直近1分{now}、最大{high}", "last minute {now}, highest {high}"),
    "line_in_flight": Texts("処理中の数", "In flight"),
    "line_failed": Texts("毎分の失敗数", "Failed a minute"),
    "line_cost": Texts("費用（USD）", "Cost (USD)"),
    "line_past": Texts("最新{now}、最大{high}", "latest {now}, highest {high}"),
    "past": Texts("これまでの推移", "The past"),
    "span": Texts("期間", "Period"),
    "show": Texts("表示する", "Show"),
    "line_none": Texts("計測値なし", "nothing was measured"),
    # What if
    "what_if": Texts("ワーカーを増やしたら", "What if there were more workers"),
    "more_workers": Texts("追加するワーカー数", "More workers"),
    "ask": Texts("計算する", "Work it out"),
    "supposed": Texts(
        "{pool}プールのワーカーを{more}増やすと（現在{living}）毎分{rate}件を処理できます。上限は{binds}です。見通し：{ahead}。",
        "With {more} more workers than the {living} of {pool}, {rate} a minute can end; "
        "what allows no more: {binds}. Forecast: {ahead}.",
    ),
    "not_supposed": Texts(
        "{pool}プールではこの10分間に作業が終わっていないため、計算できません。",
        "No work of {pool} has ended in the last ten minutes, so nobody knows how long it takes.",
    ),
    "advice": Texts(
        "現在の負荷に必要なワーカー数: {workers}",
        "Workers that the load as it is needs: {workers}.",
    ),
    # Pausing
    "pause": Texts("送信を停止する", "Pause sending"),
    "resume": Texts("送信を再開する", "Resume sending"),
    "pause_title": Texts("プールへの送信", "What is sent to the pools"),
    "is_paused": Texts("停止中", "paused"),
    "never": Texts("停止できません", "cannot be paused"),
    "stops": Texts("止まるもの", "This stops"),
    "goes_on": Texts("続くもの", "This goes on"),
    "paused_now": Texts(
        "{user}さんが送信を停止しています。再開するとすぐに続きから始まります。",
        "{user} has paused it. Resumed, it goes on at once where it stopped.",
    ),
    "one_job": Texts(
        "ひとつのジョブだけを止めるには、そのジョブを一時停止してください。",
        "To stop one job alone, pause that job.",
    ),
    "not_allowed": Texts(
        "変更にはオペレーターの権限が必要です。", "Only operators may change this."
    ),
}
OUTLOOKS = {
    Outlook.UNKNOWN: Texts("計測されていません", "not measured"),
    Outlook.EMPTY: Texts("待っている作業はありません", "nothing waits"),
    Outlook.DRAINS: Texts("{at}頃に空になります：{time}", "drains at {at}: {time}"),
    Outlook.GROWS: Texts(
        "空になりません：毎分{growth}件増えています", "will not drain: grows by {growth} a minute"
    ),
    Outlook.STALLED: Texts(
        "空になりません：ほとんど進んでいません", "will not drain: nearly nothing ends"
    ),
    Outlook.NO_CONSUMERS: Texts(
        "空になりません：ワーカーがいません", "will not drain: no consumers"
    ),
    Outlook.BLOCKED: Texts(
        "空になりません：プールが停止中です", "will not drain: the pool is blocked"
    ),
    Outlook.PAUSED: Texts("空になりません：送信が停止中です", "will not drain: sending is paused"),
}
BINDS = {
    "workers": Texts("ワーカー数", "the workers"),
    "reserve": Texts("確保数", "the reserved slots"),
    "requests": Texts("Bedrockの毎分リクエスト数", "Bedrock's requests a minute"),
    "tokens": Texts("Bedrockの毎分トークン数", "Bedrock's tokens a minute"),
}
