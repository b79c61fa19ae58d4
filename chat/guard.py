"""Looks at an answer while it streams: what must not leave never does, not even in parts."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

from chat.prompts import canary
from mangaassist import metrics
from mangaassist.cleaning import strip_invisible
from mangaassist.messages import Texts
from mangaassist.redaction import ACCESS_KEY, MASK, RUN, WEB_TOKEN

LONGEST_HELD = 300  # characters that may wait for their end; then they are judged as they are
LONGEST_CITATION = 200  # characters between its brackets
TELLING = 12  # characters of the canary that make a leak
LEAST_MATCH = 4  # of them that are no accident, so that what follows is waited for

CITATION = re.compile(rf"\[\[([^\[\]\n]{{1,{LONGEST_CITATION}}})\]\]")
LAST_CITATION = re.compile(rf"{CITATION.pattern}\Z")
OPEN_CITATION = re.compile(rf"\[(?:\[[^\[\]\n]{{0,{LONGEST_CITATION}}}\]?)?\Z")
TORN_CITATION = re.compile(rf" ?\[\[[^\[\]\n]{{0,{LONGEST_CITATION}}}\]?\Z")
# A space that goes with the citation after it; where it stays, it keeps two words apart.
SPACE_BEFORE = re.compile(rf" (?=(?:{CITATION.pattern})+(?:[\s,;!?)]|\.?(?:\s|\Z)))")
IDS = re.compile(r"[A-Za-z0-9._:-]+")  # several may share their brackets
# What a link, an address or a key consists of; the words of Japanese are none of it.
LINE = re.compile(r"[!-~！-～]+")

DOT = r"(?:\.|。|\[\.\]|\(\.\)|\[dot\]|\(dot\))"
DOMAINS = (
    "com|net|org|info|biz|jp|io|co|me|app|dev|xyz|top|site|online|shop|store|link|click|club|live"
    "|ru|cn|to|ly|gg|tv|cc|uk|us|de|fr|kr|tw|ws|zip|mov|example|test|onion"
)
LINK = re.compile(
    rf"://|\bwww{DOT}|\b(?:javascript|vbscript|mailto|tel|sms|intent|data):\S"
    rf"|[\w-]+{DOT}(?:{DOMAINS})(?![a-z])|[\w.+-]+@[\w-]+\.",
    re.IGNORECASE,
)
REMOVED = Texts("（リンクは表示できません）", "(link removed)")
LETTERS = re.compile(r"[\W_]+")


class Guard:
    """One answer on its way out.

    leaked: it had a part of our prompt, and nothing after that was let through; cited: ids of the
    titles that it has named so far, in order.
    """

    def __init__(self, ids: Collection[str], language: str) -> None:
        """ids: of the titles that it may name."""
        self.leaked = False
        self.cited: list[str] = []
        self._ids = ids
        self._removed = REMOVED.text(language, {})
        self._held = ""
        self._seen = ""  # the letters and digits so far, as far back as a secret is long

    def feed(self, text: str) -> str:
        """Takes what the model wrote and returns what may be shown of it by now."""
        self._held += strip_invisible(text)
        self._seen += _letters(text)
        if self.leaked or any(secret in self._seen for secret in _secrets()):
            self._leak()
            return ""
        self._seen = self._seen[-max(map(len, _secrets())) :]
        return self._release(self._ready())

    def finish(self) -> str:
        """What is left at the end of the answer, without a citation that has no end."""
        self._held = TORN_CITATION.sub("", self._held)
        return "" if self.leaked else self._release(len(self._held))

    def _leak(self) -> None:
        if not self.leaked:
            metrics.ANSWERS_CHANGED.record(Reason="leak")
        self.leaked, self._held = True, ""

    def _ready(self) -> int:
        """How much of what is held cannot become anything else by what follows."""
        if any(_begins(self._seen, secret) for secret in _secrets()):
            return 0
        ready = _settled(self._held)
        return ready if len(self._held) - ready <= LONGEST_HELD else len(self._held)

    def _release(self, end: int) -> str:
        ready, self._held = self._held[:end], self._held[end:]
        for ids in CITATION.findall(ready):
            self._cite(IDS.findall(ids) or [ids])
        return self._clean(CITATION.sub("", SPACE_BEFORE.sub("", ready)))

    def _cite(self, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self._ids:
                metrics.ANSWERS_CHANGED.record(Reason="unknown_title")
            elif id not in self.cited:
                self.cited.append(id)

    def _clean(self, text: str) -> str:
        for pattern in (ACCESS_KEY, WEB_TOKEN, RUN):
            text, count = pattern.subn(MASK, text)
            if count:
                metrics.ANSWERS_CHANGED.record(count, Reason="secret")
        return LINE.sub(self._without_link, text)

    def _without_link(self, found: re.Match[str]) -> str:
        if not LINK.search(unicodedata.normalize("NFKC", found[0])):
            return found[0]
        metrics.ANSWERS_CHANGED.record(Reason="link")
        return self._removed


def _settled(text: str) -> int:
    """How much of a text is before all that may become a link or a citation by what follows.

    Words that only a citation keeps apart are one, because it is taken out.
    """
    found = OPEN_CITATION.search(text)
    end = found.start() if found else len(text)
    while end:
        if found := LAST_CITATION.search(text, max(0, end - LONGEST_CITATION - 4), end):
            end = found.start()
        elif LINE.match(text, end - 1):
            end -= 1
        else:
            break
    return end - text.startswith(" ", end - 1) if end else 0


def _letters(text: str) -> str:
    """Letters and digits alone, so that spaces or dashes between them hide nothing."""
    return LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _secrets() -> tuple[str, ...]:
    """The canary's beginning, and what it becomes when a model is asked to disguise it."""
    plain = canary()[:TELLING]
    hidden = [base64.b64encode(b"\0" * shift + plain.encode())[4:-4].decode() for shift in range(3)]
    return (plain, plain[::-1], plain.encode().hex(), *(_letters(text) for text in hidden))


def _begins(seen: str, secret: str) -> bool:
    """Whether a text ends with what may become the secret."""
    tail, beginning = seen[1 - len(secret) :], secret[:LEAST_MATCH]
    start = tail.find(beginning)
    while start >= 0 and not secret.startswith(tail[start:]):
        start = tail.find(beginning, start + 1)
    return start >= 0
