"""The keeper's duty for the chat: what shoppers are owed and nobody is at work on is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from chat import later, owed, rows, sessions
from chat.announcing import announce
from chat.deferred import send
from chat.owed import Debt
from chat.rows import Unmet
from chat.tasks import deferred_answer, review
from chat.turns import Answer, Exchange, State, milliseconds
from mangaassist import metrics, pausing
from mangaassist.messages import Texts
from mangaassist.pools import MODERATION

GIVE_UP_AFTER = timedelta(minutes=10)  # from the question; then the shopper gets an apology
DOUBLINGS = 4  # of the time between two sends of one debt

BUSY = Texts(
    "回答に時間がかかっています。準備ができしだい、この会話に届きます。",
    "The answer takes longer than it should. It will arrive in this conversation when it is ready.",
)

log = structlog.get_logger(__name__)


def collect() -> None:
    """Keeper duty: sends what is overdue. Raises the Failure of the first that could not be."""
    for kind in owed.KINDS:
        if kind == owed.REVIEW and pausing.is_paused(MODERATION.name):
            continue
        for debt in owed.overdue(kind):
            exchange = _claim(debt)
            if exchange is not None:
                metrics.WS_OVERDUE.record(Kind=kind)
                _collect(debt, exchange)


def _claim(debt: Debt) -> Exchange | None:
    """Makes a debt ours until its next time; None when it was paid or another keeper has it."""
    now = datetime.now(UTC)
    claimed = milliseconds(now + owed.SENT_WITHIN)
    values = {":kind": debt.due.kind, ":seen": debt.due.at, ":next": claimed, ":one": 1}
    condition = "owed = :kind AND dueAt = :seen"
    try:
        return rows.change(
            debt.session_id, debt.number, "SET dueAt = :next ADD asked :one", condition, values
        )
    except Unmet:
        return None


def _collect(debt: Debt, exchange: Exchange) -> None:
    session_id, question = debt.session_id, exchange.question
    if exchange.asked > 1:  # Nobody answered the last time: ask less and less often.
        pause = owed.SENT_WITHIN * 2 ** min(exchange.asked - 1, DOUBLINGS)
        sessions.postpone(session_id, question, pause.total_seconds())
    if debt.due.kind == owed.REVIEW:
        send(review, session_id, question.message_id)
    elif question.at + GIVE_UP_AFTER < datetime.now(UTC):
        log.error("answer_given_up", session=session_id, message_id=question.message_id)
        later.give_up(session_id, question)
    else:
        if exchange.state is State.OPEN:  # Its process died: no final frame came from there.
            said = sessions.finish(session_id, question, Answer("", State.DEFERRED))
            announce(session_id, "done", said, BUSY.text(question.language, {}))
        send(deferred_answer, session_id, question.message_id)
