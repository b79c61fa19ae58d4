"""The second look at finished answers, by a worker of the moderation pool."""

from __future__ import annotations

import structlog

from chat import moderation, owed, sessions
from chat.announcing import announce
from mangaassist import guardrail, metrics
from mangaassist.messages import Texts

PAUSE = 60.0  # seconds until a review that failed is asked for again

WITHDRAWN = Texts(
    "この回答は確認の結果、取り下げました。ご不便をおかけします。別の言い方でお尋ねください。",
    "After a check we withdrew this answer. We are sorry; please ask in another way.",
)

log = structlog.get_logger(__name__)


def review(session_id: str, message_id: str) -> None:
    """Keeps a finished answer or withdraws it. Raises a Failure."""
    exchange, _ = sessions.find(session_id, message_id)
    if exchange is None or exchange.answer is None or exchange.state not in owed.REVIEWED:
        log.info("nothing_to_review")
        return
    answer = exchange.answer
    reason = judge(answer.text)
    if not reason:
        sessions.approve(session_id, answer)
        return
    metrics.WS_WITHDRAWN.record(Reason=reason)
    log.warning("answer_withdrawn", reason=reason, turn=answer.number)
    withdrawn = sessions.withdraw(session_id, answer, WITHDRAWN.text(answer.language, {}))
    if withdrawn:
        announce(session_id, "withdrawn", withdrawn)


def settle(session_id: str, message_id: str) -> None:
    """After a failure: the review stays owed."""
    exchange, _ = sessions.find(session_id, message_id)
    if exchange is not None:
        sessions.postpone(session_id, exchange.question, PAUSE)


def judge(text: str) -> str:
    """The code of the first rule against a text, or `guardrail`; empty when it may stay.

    Raises a Failure when the guardrail cannot be asked.
    """
    return moderation.judge(text) or ("guardrail" if guardrail.blocks(text) else "")
