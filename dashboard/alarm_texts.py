"""The texts about alarms in Japanese and English."""

from __future__ import annotations

from mangaassist.alarms.definitions import Severity, State
from mangaassist.messages import Texts

WORDS = {
    "what": Texts(
        "状態は10秒ごとに評価されます。ミュート中のアラームも評価され、ここに表示されます。",
        "States are evaluated every ten seconds. Muted alarms are evaluated too, and shown here.",
    ),
    "none": Texts("該当するアラームはありません。", "There are none."),
    "not_evaluated": Texts(
        "まだ一度も評価されていません。「manage.py keeper」を起動してください。",
        "No alarm was evaluated yet. Start a keeper: manage.py keeper",
    ),
    "severity": Texts("重大度", "Severity"),
    "handled": Texts("対応", "Handled"),
    "last": Texts("直近の値", "Latest windows"),
    "line_desc": Texts("現在{now}、しきい値{rings}", "now {now}, rings at {rings}"),
    "line_none": Texts("計測値なし", "nothing was measured"),
    "muted": Texts("{until}までミュート（{who}）{why}", "muted until {until} by {who} {why}"),
    "acknowledged": Texts(
        "{who}さんが対応中（{until}まで再通知なし）", "{who} is on it, not repeated until {until}"
    ),
    # One alarm
    "back": Texts("すべてのアラーム", "All alarms"),
    "evaluated": Texts("最終評価", "Evaluated"),
    "reason": Texts("理由", "Reason"),
    "cause": Texts("原因", "Cause"),
    "rule": Texts("規則", "Rule"),
    "rule_is": Texts(
        "{period}秒の窓{windows}個のうち{breaches}個で {expression} {rings}",
        "{breaches} of {windows} windows of {period} s: {expression} {rings}",
    ),
    "ends": Texts(
        "{clear}を超えなくなると終わります", "once it rings, it ends when no longer {clear}"
    ),
    "diagnosis": Texts("診断", "Diagnosis"),
    "evidence": Texts("この判定に使われた現在の値", "What it is worked out from, now"),
    "name": Texts("名前", "Name"),
    "source": Texts("計測", "Measured"),
    "related": Texts(
        "手順書が挙げるアラームの現在の状態", "Other alarms that the runbook names, now"
    ),
    "section": Texts("手順書", "Runbook"),
    "history": Texts("状態の履歴", "State history"),
    "no_history": Texts("過去90日間に変化はありません。", "It has not changed in 90 days."),
    "when": Texts("いつ", "When"),
    "change": Texts("変化", "Change"),
    "told": Texts("通知", "Told"),
    "by_mail": Texts("メール", "mail"),
    "by_hook": Texts("Webhook", "webhook"),
    "to_nobody": Texts("なし", "nobody"),
    # Acting
    "acknowledge": Texts("対応を引き受ける", "Acknowledge"),
    "acknowledge_means": Texts(
        "鳴っている間、指定した時間は再通知されません。終わったときの通知と、次に鳴ったときの通知は届きます。",
        "While it rings, people are not told again for so long. They still hear when it ends, "
        "and when it rings anew.",
    ),
    "mute": Texts("ミュートする", "Mute"),
    "mute_means": Texts(
        "指定した時間は誰にも通知されません（最長7日）。期限が来ると、その間の変化がまとめて1回通知されます。",
        "Nobody is told for so long, at most 7 days. "
        "When it ends, one notice tells what has changed meanwhile.",
    ),
    "unmute": Texts("ミュートを解除する", "Unmute"),
    "hours": Texts("時間", "Hours"),
    "why": Texts("理由", "Why"),
    "not_allowed": Texts(
        "引き受けとミュートにはオペレーターの権限が必要です。",
        "Only operators may acknowledge or mute.",
    ),
}
STATES = {
    State.ALARM: Texts("鳴っています", "In alarm"),
    State.INSUFFICIENT_DATA: Texts("データ不足", "Insufficient data"),
    State.OK: Texts("正常", "OK"),
}
SEVERITIES = {
    Severity.CRITICAL: Texts("重大", "critical"),
    Severity.WARNING: Texts("警告", "warning"),
}
