"""Answers that come later: a worker writes them, or says at last that there will be none."""

from __future__ import annotations

import structlog
from django.conf import settings

from chat import moderation, sessions
from chat.announcing import announce
from chat.composing import Clean, compose
from chat.turns import Answer, History, State, Turn
from mangaassist import bedrock, claude, metrics
from mangaassist.bedrock_call import INTERVENED, configured_guardrail
from mangaassist.errors import Failure, Refused, Rejected, Temporary, Throttled
from mangaassist.messages import Texts
from mangaassist.pools import DEFERRED

PATIENCE = 20.0  # seconds for the limiter; the queue has time
MAX_TOKENS = 800
PAUSE, LONGEST_PAUSE = 5.0, 60.0  # seconds until a failed answer is asked for again
STATES = {  # by the model's stop reason
    "max_tokens": State.TRUNCATED,
    "refusal": State.REFUSED,
    INTERVENED: State.REFUSED,
}

APOLOGY = Texts(
    "申し訳ありません。ただいま回答を用意できませんでした。お手数ですが、しばらくしてからもう一度お尋ねください。",
    "We are sorry: we could not prepare an answer. Please ask again in a little while.",
)
REFUSAL = Texts(
    "申し訳ありません。そのご質問にはお答えできません。漫画についてのご質問をどうぞ。",
    "We are sorry: we cannot answer that question. Please ask us about manga.",
)

log = structlog.get_logger(__name__)


def answer(session_id: str, message_id: str) -> None:
    """Answers a message that nobody has answered, and tells its session. Raises a Failure."""
    exchange, history = sessions.find(session_id, message_id)
    if exchange is None:
        log.info("turn_is_gone")
        return
    said = exchange.answer
    if said is None or exchange.state is State.DEFERRED:
        said = sessions.finish(
            session_id, exchange.question, answer_later(exchange.question, history)
        )
        metrics.WS_LATE_ANSWERS.record(State=said.state)
    # Also for a second delivery: the first may have died before it told anybody.
    announce(session_id, "late", said)


def answer_later(question: Turn, history: History) -> Answer:
    """Asks the model, without a stream, unless our rules forbid it.

    The process that stored the question may have died before it judged it. Raises a Failure;
    Temporary `blank` for an empty answer.
    """
    if code := moderation.judge(question.text):
        text = moderation.REFUSALS[code].text(question.language, {})
        return Answer(text, State.REFUSED)
    model = settings.CHAT_MODEL
    prompt = compose(question, history)
    reply = bedrock.invoke(
        model, prompt.system, prompt.messages, MAX_TOKENS,
        pool=DEFERRED, patience=PATIENCE, guardrail=configured_guardrail(),
    )  # fmt: skip
    cost = claude.find(model).cost(reply.input_tokens, reply.output_tokens)
    state = STATES.get(reply.stop_reason, State.COMPLETE)
    clean = prompt.clean(reply.text)
    if state is State.REFUSED:
        clean = Clean(REFUSAL.text(question.language, {}))
    elif not clean.text:
        raise Temporary("blank", f"The model answered nothing, in {reply.request_id}.")
    used = reply.input_tokens, reply.output_tokens, cost
    return Answer(clean.text, state, model, *used, clean.cards)


def settle(session_id: str, message_id: str, failure: Failure) -> None:
    """What a failed try means: a later one, or the end of them."""
    exchange, _ = sessions.find(session_id, message_id)
    if exchange is None or exchange.state not in (State.OPEN, State.DEFERRED):
        return
    if isinstance(failure, Rejected):
        refused = isinstance(failure, Refused)
        give_up(session_id, exchange.question, REFUSAL if refused else APOLOGY)
    else:
        wait = failure.wait if isinstance(failure, Throttled) else 0.0
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** min(exchange.asked, 10))
        sessions.postpone(session_id, exchange.question, max(wait, pause))


def give_up(session_id: str, question: Turn, text: Texts = APOLOGY) -> None:
    """Tells the shopper that there will be no answer. Raises a Failure."""
    state = State.REFUSED if text is REFUSAL else State.FAILED
    said = sessions.finish(session_id, question, Answer(text.text(question.language, {}), state))
    metrics.WS_LATE_ANSWERS.record(State=said.state)
    announce(session_id, "late", said)
