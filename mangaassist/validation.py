"""Judges a shopper's message before anything else sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from mangaassist.cleaning import Cleaned, clean_and_count
from mangaassist.graphemes import count_grapheme_clusters, measure
from mangaassist.messages import Parameters, Texts
from mangaassist.tokens import estimate_tokens

FRAME_BYTES = 32 * 1024  # API Gateway closes a WebSocket that sends a larger frame
MESSAGE_BYTES = 24 * 1024  # UTF-8; 4,000 kana of two code points each fit
MOST_GRAPHEMES = 4_000
MOST_TOKENS = 5_000  # by the fixed estimate, so that the page can tell the same
MOST_MARKS = 8  # on one character; the writing with the most needs four
LONGEST_CLUSTER = 16  # code points; the longest emoji has ten

VISIBLE = regex.compile(r"[^\s\p{M}\N{BRAILLE PATTERN BLANK}]")
MARK = regex.compile(r"\p{M}")

SENTENCES = {
    "too_large": Texts(
        "メッセージのデータ量が大きすぎます（最大{max}バイト、現在{size}バイト）。"
        "短くするか、分けて送ってください。",
        "The message holds too much data (at most {max} bytes, now {size}). "
        "Shorten it, or send it in parts.",
    ),
    "invalid_unicode": Texts(
        "{position}文字目に壊れた文字があります。その文字を消すか、入力し直してください。",
        "Character {position} is broken. Delete it or type it again.",
    ),
    "empty": Texts(
        "メッセージが空です。質問を入力してください。",
        "The message is empty. Write your question.",
    ),
    "stacked": Texts(
        "{position}文字目に結合文字（重ね文字）が多すぎます。重ねた文字を減らしてください。",
        "Character {position} is a stack of too many signs. Take some of them away.",
    ),
    "too_long": Texts(
        "メッセージが長すぎます（最大{max}文字、現在{count}文字）",
        "The message is too long (at most {max} characters, now {count}). "
        "Shorten it, or send it in parts.",
    ),
    "too_complex": Texts(
        "メッセージが複雑すぎて処理できません（最大{max}トークン、現在約{tokens}トークン）。"
        "絵文字や珍しい漢字を減らすか、分けて送ってください。",
        "The message is too much to process (at most {max} tokens, now about {tokens}). "
        "Use fewer emoji and rare characters, or send it in parts.",
    ),
}


@dataclass(frozen=True)
class Verdict:
    """Whether a message may be sent, and if not, why."""

    code: str = ""  # a key of SENTENCES; empty when accepted
    parameters: Parameters = field(default_factory=dict)
    text: str = ""  # clean; empty when the message could not be read
    graphemes: int = 0  # characters of the clean text as readers count them
    removed: int = 0  # invisible characters that the message had

    @property
    def accepted(self) -> bool:
        return not self.code

    def message(self, language: str) -> str:
        """The sentence for the shopper; empty when accepted."""
        return SENTENCES[self.code].text(language, self.parameters) if self.code else ""


def validate_message(text: str | bytes) -> Verdict:
    """Judges any text, or any bytes that should be UTF-8. Raises nothing.

    The clean text of a message gets the verdict of the message, unless that was too large or could
    not be read: cleaning takes out what made it so.
    """
    raw = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    if len(raw) > MESSAGE_BYTES:
        return Verdict("too_large", {"max": MESSAGE_BYTES, "size": len(raw)})
    try:
        decoded = raw.decode()
    except UnicodeDecodeError as error:
        position = count_grapheme_clusters(raw[: error.start].decode()) + 1
        return Verdict("invalid_unicode", {"position": position})
    return _judge(clean_and_count(decoded))


def _judge(cleaned: Cleaned) -> Verdict:
    text, removed = cleaned
    if not VISIBLE.search(text):
        return Verdict("empty", text=text, removed=removed)
    graphemes, long = measure(text, MOST_MARKS)
    code, parameters = _fault(text, graphemes, long)
    return Verdict(code, parameters, text, graphemes, removed)


def _fault(text: str, graphemes: int, long: list[str]) -> tuple[str, Parameters]:
    """The first fault of a clean text, or an empty code. long: its clusters that may be stacks."""
    stack = next(filter(_is_stack, long), None)
    if stack:
        before = text[: text.index(stack)]
        return "stacked", {"position": count_grapheme_clusters(before) + 1}
    if graphemes > MOST_GRAPHEMES:
        return "too_long", {"max": MOST_GRAPHEMES, "count": graphemes}
    tokens = estimate_tokens(text)
    if tokens > MOST_TOKENS:
        return "too_complex", {"max": MOST_TOKENS, "tokens": tokens}
    return "", {}


def _is_stack(cluster: str) -> bool:
    return len(cluster) > LONGEST_CLUSTER or len(MARK.findall(cluster)) > MOST_MARKS
