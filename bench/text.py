"""How long the text rules take on the worst inputs of a frame's size and on an everyday message."""

from __future__ import annotations

import argparse
import json
import sys
import timeit
from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle

from mangaassist.cleaning import clean, one_line
from mangaassist.graphemes import count_grapheme_clusters
from mangaassist.tokens import budget_tokens, estimate_message, estimate_tokens, head
from mangaassist.truncation import truncate_conversation_history
from mangaassist.validation import FRAME_BYTES, MESSAGE_BYTES, validate_message

LIMIT_MS = 5.0
FULL, QUICK = 20, 2  # repeats of each input; the best counts, since other programs use the machine
LONGEST_FIELD, FIELD_TOKENS = 2_000, 750  # code points of a column, and what a prompt gives it
TURNS = 20  # messages of the history that is truncated

TYPICAL = (
    "先週おすすめしてもらったミステリー漫画がとても面白かったので、同じ作者の別の作品も読んでみたいです。"
    "できれば完結していて、10巻以内で、怖すぎないものがいいです🙏 全巻セットの在庫と値段、"
    "電子版があるかどうか教えてください。贈り物にしたいので、ラッピングと配送日の指定ができるかも"
    "知りたいです。それから、『よつばと!』の新刊はいつ発売されますか？予約できるならお願いします！"
    "よろしくお願いいたします。"
)
UNITS = {
    "kanji": "漢",
    "rare kanji": "鬱",
    "kana of two code points": "か\u3099",
    "half-width kana": "ｶﾞ",
    "regional indicators": "🇯",
    "regional indicators and letters": "🇯a",
    "prepended signs": "\u0600",
    "prepended signs and flags": "\u0600🇯🇵",
    "joiners": "\u200d",
    "joined emoji": "😀\u200d",
    "joined letters": "a\u200d",
    "families": "👨\u200d👩\u200d👧\u200d👦",
    "selectors and joiners": "\ufe0f\u200d",
    "marks": "\u0301",
    "marks out of order": "\u0301\u0316",
    "letters with marks": "e\u0301",
    "letters with marks that do not compose": "ab\u0332",
    "letters with two marks": "a\u0301\u0316",
    "letters with 29 marks": "a" + "\u0301\u0316" * 14 + "\u0301",
    "letters and digits": "a1",
    "long words and digits": "aaaaa1",
    "long numbers and letters": "111a",
    "both cases": "aAAa",
    "gaps": "  a",
    "tags": "\U000e0061",
    "flags with tags": "🏴\U000e0061\U000e007f",
    "selectors": "\U000e0100",
    "kanji with selectors": "葛\U000e0100",
    "letters with selectors": "a\ufe0f",
    "zero-width spaces": "a\u200b",
    "controls": "a\x01",
    "unassigned": "\u0378a",
    "private use": "\ue000a",
    "name variants": "\ufa11か\u3099",
    "characters that grow": "\U0001d160",
    "jamo": "\u1112\u1161\u11ab",
    "initial jamo": "\u1100",
    "conjuncts": "क्",
    "Indic joiners": "क्\u200d",
    "Arabic non-joiners": "ب\u200c",
    "Thai": "น้ำ",
    "letters beyond the first planes": "αa𐐀",
    "line ends": "\r\n",
    "lines": "漢\n",
    "emoji": "🎉",
    "old line ends": "~\r",
    "rows of old line ends": "\r\r1",
    "lines of one mark": "\u0327\n",
    "controls and prepended signs": "\t\x01\u0600",
    "notes, marks and selectors": "\U0001d15f\u0344\ufe0f\ufe0f",
    "letters that grow and selectors": "\ufb1d\U000e0100\u3099\u3099",
    "Indic letters that grow": "\u0958",
    "marks that grow in lines": "\u0f73\ue000\t",
    "name variants and marks": "\u0327\ufa11\U000e0100鬱",
    "marks that are sorted before joiners": "鬱\u0344\u094d\u200d",
    "symbols that grow": "\ufe0f\U000e0061\u2adc",
    "digits with selectors": "1\ufe0f",
    "letters and lines of one mark": "é" + "\u0327\n" * FRAME_BYTES,
    "a note under a tower of marks": "\U0001d165" + "\u0301\u0316" * FRAME_BYTES,
    "vowel jamo": "a\u1161",
}
# Arguments are made before the clock starts.
FUNCTIONS: dict[str, Callable[[str], Callable[[], object]]] = {
    "count": lambda text: partial(count_grapheme_clusters, text),
    "clean": lambda text: partial(clean, text),
    "one_line": lambda text: partial(one_line, text),
    "head": lambda text: partial(head, text[:LONGEST_FIELD], FIELD_TOKENS),
    "estimate": lambda text: partial(estimate_tokens, text),
    "validate": lambda text: partial(validate_message, cut(text, MESSAGE_BYTES)),
    "truncate": lambda text: truncation(text),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench text", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, rougher figures")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    repeats = QUICK if arguments.quick else FULL
    print(f"text: {len(UNITS)} inputs of {FRAME_BYTES // 1024} KB, best of {repeats}", flush=True)
    figures = measure(repeats)
    if arguments.json:
        print(json.dumps(figures))
    # A few repeats on a busy machine say little about a limit.
    sys.exit(0 if arguments.quick or figures["worst_ms"] <= LIMIT_MS else 1)


def measure(repeats: int) -> dict[str, float]:
    """Milliseconds of the slowest function; each function is printed as soon as it is known."""
    worst, typical = [], []
    for name, prepare in FUNCTIONS.items():
        calls = {what: prepare(text) for what, text in inputs().items()}
        times = best(calls | {"": prepare(TYPICAL)}, repeats)
        typical.append(times.pop(""))
        slowest = max(times, key=times.__getitem__)
        worst.append(times[slowest])
        show(f"{name}: worst, ms", worst[-1], f"{worst[-1] / LIMIT_MS:.2f} of the limit: {slowest}")
        show(f"{name}: everyday message, ms", typical[-1], f"{len(TYPICAL)} characters")
    return {"worst_ms": max(worst), "typical_ms": max(typical)}


def inputs() -> dict[str, str]:
    """Texts of a frame's size; a first letter beyond ASCII keeps every one off the short ways."""
    return {
        what: cut(
            ("é" if unit.isascii() else "") + unit * -(-FRAME_BYTES // len(unit)), FRAME_BYTES
        )
        for what, unit in UNITS.items()
    }


def truncation(text: str) -> Callable[[], object]:
    """Weighs a whole history that is a little too long, and cuts its summary."""
    size = -(-len(text) // TURNS)
    turns = [text[start : start + size] for start in range(0, len(text), size)]
    history = [
        {"role": role, "content": turn}
        for turn, role in zip(turns, cycle(("user", "assistant")), strict=False)
    ]
    room = sum(estimate_message(turn, budget_tokens) for turn in turns)
    return partial(truncate_conversation_history, history, "次は？", room, summary=text)


def cut(text: str, size: int) -> str:
    """The head of a text, so many bytes of UTF-8 or a few less."""
    return text.encode()[:size].decode(errors="ignore")


def best(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The shortest time of each call in milliseconds. All take turns, so that a busy moment of the
    machine spoils one time of each and not every time of one."""
    rounds = [
        [timeit.timeit(call, number=1) * 1_000 for call in calls.values()] for _ in range(repeats)
    ]
    return dict(zip(calls, map(min, *rounds), strict=True))


def show(what: str, value: float, beside: str) -> None:
    print(f"{what:<42} {value:8.3f}   ({beside})", flush=True)


if __name__ == "__main__":
    main()
