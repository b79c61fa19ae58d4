"""An answer while it comes about, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from chat.cards import MOST_CARDS, Card
from chat.turns import State
from mangaassist import claude
from mangaassist.bedrock_call import INTERVENED
from mangaassist.bedrock_stream import STOPPED, Bill
from mangaassist.messages import Texts

NOTICES = {
    State.STOPPED: Texts("回答を中断しました。", "The answer was stopped."),
    State.TRUNCATED: Texts(
        "長さの上限に達したため、回答はここまでです。続きが必要なときはお知らせください。",
        "The answer reached its greatest length. Ask for the rest if you want it.",
    ),
    State.INCOMPLETE: Texts(
        "回答が途中で切れました。「再生成」でもう一度お試しください。",
        "The answer broke off. Use Regenerate to try again.",
    ),
    State.DEFERRED: Texts(
        "ただいま混み合っています。回答の準備ができしだい、この会話に届きます。",
        "We are very busy. The answer will arrive in this conversation when it is ready.",
    ),
    State.FAILED: Texts(
        "回答できませんでした。少し時間をおいて、もう一度お試しください。",
        "The message could not be answered. Please try again in a little while.",
    ),
}
NO_CATALOGUE = Texts(
    "カタログを確認できないまま回答しました。",
    "This was answered without a look into the catalogue.",
)
NO_HISTORY = Texts(
    "これまでの会話を読み込めないまま回答しました。",
    "This was answered without the earlier conversation.",
)

ENDINGS = {  # of a model, by its stop reason
    "end_turn": State.COMPLETE,
    "stop_sequence": State.COMPLETE,
    "max_tokens": State.TRUNCATED,
    "model_context_window_exceeded": State.TRUNCATED,
    "refusal": State.REFUSED,
    INTERVENED: State.REFUSED,
    STOPPED: State.STOPPED,
}


@dataclass(frozen=True)
class Done:
    """The end of an answer: the one event that every message has, and the last one.

    text: the whole answer as far as it may be shown; notice: a sentence for the shopper about how
    it ended. Never are both empty. model: who wrote last; seconds: where the time went; cards: of
    the titles that it cites.
    """

    state: State
    text: str
    notice: str
    model: str
    seconds: Mapping[str, float]
    input_tokens: int
    output_tokens: int
    cost: Decimal
    cards: tuple[Card, ...] = ()


@dataclass
class Draft:
    """What is known so far of one answer.

    known: the cards of all titles that it may cite, by id; named: of those that the message names;
    cited: ids, in order.
    """

    language: str
    text: str = ""
    state: State | None = None
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    known: Mapping[str, Card] = field(default_factory=dict)
    named: tuple[Card, ...] = ()
    cited: list[str] = field(default_factory=list)
    notices: list[Texts] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    def mark(self, what: str) -> None:
        """Notes the seconds until now, the first time that it is asked."""
        self.seconds.setdefault(what, round(time.monotonic() - self._begun, 3))

    def charge(self, model_id: str, bill: Bill) -> None:
        """Adds what one call used; an answer may have needed two."""
        self.input_tokens += bill.input_tokens
        self.output_tokens += bill.output_tokens
        self.cost += claude.find(model_id).cost(bill.input_tokens, bill.output_tokens)

    def end(self, state: State) -> None:
        self.state = state

    def refuse(self, sentence: Texts) -> None:
        """Ends with a refusal in place of whatever there was."""
        self.state, self.text = State.REFUSED, sentence.text(self.language, {})
        self.named, self.cited = (), []

    def done(self) -> Done:
        """Raises ValueError while it has not ended."""
        if self.state is None:
            raise ValueError("The answer has not ended.")
        self.mark("total")
        ending = [NOTICES[self.state]] if self.state in NOTICES else []
        notice = "".join(text.text(self.language, {}) for text in [*ending, *self.notices])
        return Done(
            self.state, self.text, notice, self.model, dict(self.seconds),
            self.input_tokens, self.output_tokens, self.cost,
            chosen(self.cited, self.known) or self.named,
        )  # fmt: skip


def chosen(cited: Iterable[str], known: Mapping[str, Card]) -> tuple[Card, ...]:
    """The cards of the first titles that an answer cites; nobody else can make one."""
    return tuple(known[id] for id in cited if id in known)[:MOST_CARDS]
