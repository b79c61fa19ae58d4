"""Takes secrets and chat text out of log lines: by the key of a value, and by how text looks."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from enum import Enum, auto
from functools import lru_cache
from typing import Any

MASK = "***"
OWN = frozenset({"level", "logger", "timestamp"})  # what logging itself puts into every line
DEEPEST = 5  # containers in containers; what lies deeper is cleaned as text
SHORTEST = 6  # characters that a secret in a text has with what tells it


class Kind(Enum):
    """What the value of a key is."""

    PLAIN = auto()
    SECRET = auto()
    CHAT = auto()  # what people and models write; numbers under such a key are counts


# `token` ends the word: input_tokens and token_count are counters.
SECRET_KEY = re.compile(
    r"passw(or)?d|passphrase|secret|authorization|cookie|credential|signature"
    r"|(api|access|private|session)[_-]?key|token$|dsn$",
    re.IGNORECASE,
)
CHAT_KEY = re.compile(
    r"(^|[_-])(messages?|texts?|chat|contents?|prompts?|questions?|answers?|reply|replies"
    r"|completion|transcript|history|summary|utterance|body)$",
    re.IGNORECASE,
)

WORDS = (
    "passw", "passphrase", "secret", "token", "authorization", "cookie", "credential", "signature",
    "key", "bearer", "basic",
)  # fmt: skip
QUOTED = r"""[bru]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\"[^"]*")"""
HEADER = re.compile(
    rf"(?i)((?:authorization|cookie)\\?[\"']?\s*[:=]\s*)(?:{QUOTED}|[^\r\n]+)",
)
# Behind the name of an error, such as NoCredentialsError, comes its sentence and no secret.
PAIR = re.compile(
    r"(?i)((?:(?:passw(?:or)?d|passphrase|secret|credentials?|signature)[\w-]{0,32}"
    r"(?<!error)(?<!exception)|token|(?:api|access|private|session)[_-]?key(?:[_-]?id)?)"
    rf"\\?[\"']?\s*[:=]\s*)(?:{QUOTED}|[^\s,;&\"')\]}}]+)",
)
SCHEME = re.compile(
    r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}"
    r"|\b((?:basic|token)\s+)(?=[A-Za-z_-]{0,64}[0-9=+/])[\w.~+/=-]{16,}"
)
# The whole of user and password, which may have any character but blanks, quotes and brackets.
USER_INFO = re.compile(r"""(?<=://)(?:[^\s/@:"'<>]*:[^\s"'<>?]{1,256}|[^\s/@"'<>]{1,256})@""")
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?=[\w-]{1,63}\.[A-Za-z])", re.ASCII)
ACCESS_KEY = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
# AWS secrets and our API tokens have 40 of these, maybe with a slash beside; session tokens have
# hundreds.
RUN = re.compile(
    r"(?<![A-Za-z0-9/+])(?=[A-Za-z/+]*[0-9])(?:[A-Za-z0-9/+]{40,43}|[A-Za-z0-9/+]{100,})"
    r"(?![A-Za-z0-9/+])"
)
WEB_TOKEN = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?")


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: masks what must not be in a log; after exceptions became text."""
    for key, value in event.items():
        if key not in OWN:
            event[key] = _of_key(key, value, 0)
    return event


def clean(text: str) -> str:
    """Masks what looks like a secret or an e-mail address. The tests for words are cheap."""
    if len(text) < SHORTEST:
        return text
    if "@" in text:
        if "://" in text:
            text = USER_INFO.sub(f"{MASK}@", text)
        text = ADDRESS.sub(f"{MASK}@", text)
    if "AKIA" in text or "ASIA" in text:
        text = ACCESS_KEY.sub(MASK, text)
    if "eyJ" in text:
        text = WEB_TOKEN.sub(MASK, text)
    lower = text.lower()
    if any(word in lower for word in WORDS):
        text = HEADER.sub(rf"\1{MASK}", text)
        text = SCHEME.sub(lambda found: f"{found[1] or found[2]}{MASK}", text)
        text = PAIR.sub(rf"\1{MASK}", text)
    return RUN.sub(MASK, text) if len(text) >= 40 else text


@lru_cache(maxsize=4_096)
def kind_of(key: str) -> Kind:
    if SECRET_KEY.search(key):
        return Kind.SECRET
    return Kind.CHAT if CHAT_KEY.search(key) else Kind.PLAIN


def _of_key(key: str, value: Any, depth: int) -> Any:
    kind = kind_of(key)
    if kind == Kind.PLAIN:
        return _of_value(value, depth)
    if value is None or isinstance(value, bool):
        return value
    if kind == Kind.CHAT and isinstance(value, int | float):
        return value
    return MASK


def _of_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, int | float):
        return value
    if depth < DEEPEST:
        if isinstance(value, dict):
            return {
                clean(name): _of_key(name, inner, depth + 1)
                for name, inner in ((str(key), inner) for key, inner in value.items())
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [_of_value(inner, depth + 1) for inner in value]
    return clean(repr(value))
