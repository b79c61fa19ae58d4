"""The worst model there can be: it does what any text of the prompt tells it."""

from __future__ import annotations

import re
from base64 import b64encode

from local.bedrock.prompt import Prompt

# What an attack wants to see, and how it wants it disguised.
WANTS_RULES = re.compile(
    r"prompt|instruction|rule|reference|above|verbatim|everything|プロンプト|指示|決まり|参照|ルール|上の文|全文",
    re.IGNORECASE,
)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
DISGUISES = (
    (re.compile(r"base64", re.IGNORECASE), lambda text: b64encode(text.encode()).decode()),
    (re.compile(r"revers|逆", re.IGNORECASE), lambda text: text[::-1]),
    (re.compile(r"\bhex|16進", re.IGNORECASE), lambda text: text.encode().hex()),
    (re.compile(r"space|dash|ハイフン|空白|一文字ずつ", re.IGNORECASE), "-".join),
    (re.compile(r"upper|大文字", re.IGNORECASE), str.upper),
    (re.compile(r"full.?width|全角", re.IGNORECASE), lambda text: text.translate(WIDE)),
)


def obey(prompt: Prompt) -> str:
    """Repeats all that others wrote, after our own part where they ask for it, as they want it."""
    system, others = prompt.texts[0], "\n".join([*prompt.texts[1:-1], prompt.visible])
    if not WANTS_RULES.search(others):
        return others
    for wish, disguise in DISGUISES:
        if wish.search(others):
            return f"{disguise(system)}\n{others}"
    return f"{system}\n{others}"
