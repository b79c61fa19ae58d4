"""Chooses how much of a conversation goes into one call, and never more than the budget."""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from mangaassist import metrics
from mangaassist.tokens import Count, budget_tokens, estimate_message

MAX_INPUT_TOKENS = 6_000  # what a model reads in time; system and retrieval are part of it
SUMMARY_TOKENS = 600  # the most that a summary may take, with the frames of its two messages
LONGEST_SUMMARY = 4_000  # code points that are looked at
SUMMARY_READ = "Understood."  # the assistant's part, which keeps the roles alternating
BETWEEN = "\n\n"  # what joins two messages of one role

Message = dict[str, str]  # role and content, as in the body of a call
Exchange = tuple[str, str]  # what the user asked, what the assistant answered


class MessageTooLarge(ValueError):
    """The current message does not fit, even with no history at all."""

    def __init__(self, tokens: int, max_tokens: int) -> None:
        super().__init__(f"The message takes {tokens} tokens of {max_tokens}.")
        self.tokens = tokens
        self.max_tokens = max_tokens


def truncate_conversation_history(
    history: Sequence[Mapping[str, Any]],
    current_message: str,
    max_tokens: int = MAX_INPUT_TOKENS,
    *,
    summary: str | None = None,
    count: Count = budget_tokens,
) -> list[Message]:
    """All messages of a call: the latest exchanges that fit, then the current message unchanged.

    history: messages {"role", "content"}, oldest first; the content is a text, a block {"text"} or
    a list of either, anything else is no text. max_tokens: what the caller has left after system
    prompt and retrieval. summary: of the older exchanges; it opens the conversation when some of
    them are left out. count: tokens of a text, by default the estimate with the safety margin.

    Whole exchanges are left out, oldest first, which is counted. Consecutive messages of one role
    are joined; an answer without a question and a question without an answer are left out. Raises
    MessageTooLarge when the current message alone exceeds max_tokens, and ValueError for an unknown
    role.
    """
    room = max_tokens - estimate_message(current_message, count)
    if room < 0:
        raise MessageTooLarge(max_tokens - room, max_tokens)
    exchanges = _exchanges(history)
    kept = _latest(exchanges, room, count)
    is_cut = len(kept) < len(exchanges)
    if is_cut:
        metrics.TOKEN_BUDGET_TRUNCATIONS.record(Part="history")
    if is_cut and summary and summary.strip():
        opening, reserved = _opening(summary.strip()[:LONGEST_SUMMARY], room, count)
        kept = opening + _latest(exchanges, room - reserved, count)
    return [*_messages(kept), {"role": "user", "content": current_message}]


def _exchanges(history: Iterable[Mapping[str, Any]]) -> list[Exchange]:
    """Questions with their answers, whatever order and form the messages have."""
    said = [(_role(message), _text(message.get("content"))) for message in history]
    turns = [
        (role, BETWEEN.join(text for _, text in turn))
        for role, turn in groupby((one for one in said if one[1].strip()), key=itemgetter(0))
    ]
    texts = [text for _, text in turns[bool(turns) and turns[0][0] == "assistant" :]]
    return list(zip(texts[::2], texts[1::2], strict=False))


def _role(message: Mapping[str, Any]) -> str:
    role: str = message["role"]
    if role not in ("user", "assistant"):
        raise ValueError(f"A message has the unknown role {role!r}.")
    return role


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list | tuple) else [content]
    texts = (block.get("text") if isinstance(block, Mapping) else block for block in blocks)
    return BETWEEN.join(text for text in texts if isinstance(text, str))


def _latest(exchanges: Sequence[Exchange], room: int, count: Count) -> list[Exchange]:
    """As many of the last exchanges as the room holds, without a gap."""
    first = len(exchanges)
    while first and (room := room - _cost(exchanges[first - 1], count)) >= 0:
        first -= 1
    return list(exchanges[first:])


def _opening(summary: str, room: int, count: Count) -> tuple[list[Exchange], int]:
    """The exchange that tells as much of a summary as fits, and the tokens to reserve for it.

    What is reserved does not depend on where the summary is cut, so that with more room never
    fewer exchanges are kept.
    """
    whole = _told(summary)
    needed = _cost(whole, count)
    reserved = min(needed, SUMMARY_TOKENS, room // 4)
    if needed <= reserved:
        return [whole], reserved
    lengths = range(1, len(summary))
    length = bisect_right(lengths, reserved, key=lambda cut: _cost(_cut(summary, cut), count))
    return ([_cut(summary, length)] if length else []), reserved


def _cut(summary: str, length: int) -> Exchange:
    return _told(summary[:length] + "…")


def _told(summary: str) -> Exchange:
    """A summary as data: escaped, so that it cannot close its own element."""
    escaped = html.escape(summary, quote=False)
    return f"<earlier_conversation>\n{escaped}\n</earlier_conversation>", SUMMARY_READ


def _cost(exchange: Exchange, count: Count) -> int:
    return sum(estimate_message(text, count) for text in exchange)


def _messages(exchanges: Iterable[Exchange]) -> Iterator[Message]:
    for question, answer in exchanges:
        yield {"role": "user", "content": question}
        yield {"role": "assistant", "content": answer}
