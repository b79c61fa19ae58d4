"""Estimates how many tokens Claude makes of a text, without its tokenizer.

The estimate is the table `RATES` and the rule of `_runs`, in whole hundredths of a token, so that
JavaScript gets the same numbers. There `new TextDecoder("euc-jp")` tells the kanji of JIS level 1.
"""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

Count = Callable[[str], int]  # the tokens of a text

MESSAGE_OVERHEAD = 8  # tokens that the frame of each message takes
SAFETY_MARGIN = 1.10  # for budgets; what is valid never depends on it

LOWEST_FACTOR, HIGHEST_FACTOR = 0.8, 2.0
SMOOTHING = 0.1  # weight of the newest measurement
LEAST_MEASURED = 100  # tokens; below, the frame of the messages weighs more than their text

RUN_CENTS = 100  # the least that a word, a number or a gap of spaces costs
LETTER_CENTS = 22  # of a word
DIGIT_CENTS = 50  # of a number
SPACE_CENTS = 22  # of a gap; one space alone belongs to the word after it and costs nothing

REMEMBERED = 2_048  # texts; a conversation and our rules are counted again with each message
LONGEST_REMEMBERED = 2_000  # characters; so what is remembered takes no more than 16 MB


class Rate(NamedTuple):
    """What each character of a kind costs, and where the kind lies in Unicode."""

    kind: str  # one letter
    cents: int  # hundredths of a token
    ranges: str  # code points as in a regular expression's set


def _jis_level_1() -> str:
    """The everyday kanji: what the bytes B0 A1 to CF D3 mean in EUC-JP."""
    rows, cells = range(0xB0, 0xD0), range(0xA1, 0xFF)
    pairs = [bytes((row, cell)) for row in rows for cell in cells]
    return b"".join(pair for pair in pairs if pair <= b"\xcf\xd3").decode("euc-jp")


# A later rate overrides an earlier one. None is over the UTF-8 bytes of its character, because a
# token is at least one byte.
RATES = (
    Rate("p", 100, "\0-\x7f"),  # punctuation, newlines
    Rate("b", 200, "\x80-\u07ff"),
    Rate("o", 250, "\u0800-\uffff"),
    Rate("a", 320, "\U00010000-\U0010ffff"),
    Rate("c", 150, "\u3000-\u303f"),  # CJK punctuation
    Rate("h", 95, "\u3041-\u309f"),
    Rate("k", 115, "\u30a0-\u30ff\u31f0-\u31ff"),
    Rate("r", 300, "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    Rate("j", 115, _jis_level_1()),
    Rate("g", 140, "\uac00-\ud7a3"),
    Rate("f", 110, "\uff01-\uff60\uffe0-\uffe6"),  # full-width forms
    Rate("w", 120, "\uff61-\uff9f"),  # half-width kana
    # These cost by the run.
    Rate("U", 0, "A-Z"),
    Rate("L", 0, "a-z"),
    Rate("d", 0, "0-9"),
    Rate("s", 0, " "),
)


def _kinds() -> bytes:
    """The letter of the kind of every code point."""
    kinds = bytearray(0x110000)
    for rate in RATES:
        for first, last, single in re.findall("(.)-(.)|(.)", rate.ranges, re.DOTALL):
            start, end = ord(first or single), ord(last or single) + 1
            kinds[start:end] = rate.kind.encode() * (end - start)
    return bytes(kinds)


def _only(**kept: str) -> str:
    """A table that keeps some kinds, by another letter, and makes all others a space."""
    return "".join(kept.get(chr(code), " ") for code in range(0x80))


KINDS = _kinds()
LETTERS, DIGITS, SPACES = _only(U="U", L="L"), _only(d="x"), _only(s="x")
ANY_CASE = _only(U="x", L="x")


def estimate_tokens(text: str) -> int:
    """Tokens of a text, rounded up: 0 for none but the empty one, and no more than UTF-8 bytes."""
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _counted(text)


def _counted(text: str) -> int:
    return _tokens(text.translate(KINDS))


_remembered = lru_cache(REMEMBERED)(_counted)


def estimate_message(text: str, count: Count = estimate_tokens) -> int:
    """Tokens of one message of a conversation, with the frame around it."""
    return count(text) + MESSAGE_OVERHEAD


def estimate_prompt(
    system: str, messages: Iterable[Mapping[str, str]], count: Count = estimate_tokens
) -> int:
    """Tokens of everything one call sends."""
    return count(system) + sum(estimate_message(message["content"], count) for message in messages)


def budget_tokens(text: str, factor: float = 1.0) -> int:
    """Tokens to reserve for a text: the estimate, what was measured, and a margin.

    Never more than the UTF-8 bytes of the text.
    """
    reserved = math.ceil(estimate_tokens(text) * factor * SAFETY_MARGIN)
    return min(reserved, len(text.encode(errors="surrogatepass")))


def head(text: str, tokens: int) -> str:
    """The text, or as much of its beginning as costs no more than so many tokens."""
    kinds = text.translate(KINDS)
    if _tokens(kinds) <= tokens:
        return text
    lengths = range(1, len(text))
    return text[: bisect_right(lengths, tokens, key=lambda cut: _tokens(kinds[:cut]))]


class Calibration:
    """What a model's bills say about the estimate. Threads may share it.

    It serves budgets alone: what is a valid message never changes from day to day.
    """

    def __init__(self) -> None:
        self.factor = 1.0
        self._lock = threading.Lock()

    def observe(self, estimated: int, actual: int) -> None:
        """Learns from one call: its estimate by `estimate_prompt`, and the tokens of its bill."""
        if estimated < LEAST_MEASURED:
            return
        ratio = min(max(actual / estimated, LOWEST_FACTOR), HIGHEST_FACTOR)
        with self._lock:
            self.factor += SMOOTHING * (ratio - self.factor)

    def tokens(self, text: str) -> int:
        """Tokens to reserve for a text that this model reads."""
        return budget_tokens(text, self.factor)


_calibrations: defaultdict[str, Calibration] = defaultdict(Calibration)
_calibrations_lock = threading.Lock()


def calibration(model_id: str) -> Calibration:
    """The one calibration of a model in this process."""
    with _calibrations_lock:
        return _calibrations[model_id]


def _tokens(kinds: str) -> int:
    cents = sum(kinds.count(rate.kind) * rate.cents for rate in RATES if rate.cents)
    cents += _words(kinds) + _numbers(kinds) + _gaps(kinds)
    return max(-(-cents // 100), 1 if kinds else 0)


def _words(kinds: str) -> int:
    """Cents of the words. `camelCase` is two, and so is `HTTPServer`."""
    words = kinds.translate(LETTERS).replace("LU", "L U").replace("UUL", "U UL")
    return _runs(words.translate(ANY_CASE), LETTER_CENTS)


def _numbers(kinds: str) -> int:
    return _runs(kinds.translate(DIGITS), DIGIT_CENTS)


def _gaps(kinds: str) -> int:
    spaces = kinds.translate(SPACES)
    return _runs(spaces, SPACE_CENTS) - RUN_CENTS * spaces.split().count("x")


def _runs(runs: str, cents: int) -> int:
    """Cents of runs of x: so many for each x, but no less than RUN_CENTS for a run."""
    total = RUN_CENTS * len(runs.split())
    longer = "x" * (RUN_CENTS // cents + 1)
    if longer in runs:
        long = re.findall(longer + "+", runs)
        total += cents * len("".join(long)) - RUN_CENTS * len(long)
    return total
