"""What must not leave an answer never does, however the model's words are cut into pieces."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.guard import Guard
from chat.prompts import canary

IDS = frozenset({"C97007", "C2"})


def passed(text: str, pieces: int = 1, language: str = "ja") -> str:
    """What is shown of an answer that comes in pieces of so many characters."""
    guard = Guard(IDS, language)
    shown = [guard.feed(text[at : at + pieces]) for at in range(0, len(text), pieces)]
    return "".join([*shown, guard.finish()])


@given(st.integers(1, 9))
def test_plain_words_pass_unchanged(pieces: int) -> None:
    text = "（模擬応答）「Dr.STONE」なら vol.3 から。『傾かない耳』 is 100% fun! [笑] 3:00～"
    assert passed(text, pieces) == text


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/a?b=c", "http://1.2.3.4/", "www.evil.com", "evil.com", "evil.com/x",
        "hxxp://evil.com", "javascript:alert(1)", "data:text/html;base64,AAAA", "evil[.]com",
        "mailto:a@b.cc", "someone@evil.example", "ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ", "[ここ](https://evil.com)",
        "<a href='//evil.com'>", "!(https://evil.com/x.png)", "HTTPS://EVIL.COM", "bit.ly/x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("pieces", [1, 3, 1_000])
def test_no_link_or_address_passes(link: str, pieces: int) -> None:
    shown = passed(f"詳しくは {link} をどうぞ", pieces)
    assert "evil" not in shown.lower()
    assert "ｅｖｉｌ" not in shown
    assert "://" not in shown
    assert "リンクは表示できません" in shown
    assert shown.startswith("詳しくは")
    assert shown.endswith("をどうぞ")


@pytest.mark.parametrize("pieces", [1, 2, 5, 1_000])
@pytest.mark.parametrize(
    ("text", "shown", "cited"),
    [
        (
            "『甲』[[C97007]]と『乙』[[C00001]]、[[evil.com]]です。",
            "『甲』と『乙』、です。",
            ["C97007"],
        ),
        ("“A” [[C97007]] and “B” [[C2]].", "“A” and “B”.", ["C97007", "C2"]),
        ("甲[[C2, C9、C97007]]、乙[[C2]]、丙[[C97007]][[C2]]", "甲、乙、丙", ["C2", "C97007"]),
        ("例：```[[C2]]```、[C2]", "例：``````、[C2]", ["C2"]),
        ("[[ C2 ]]。[[番号]]。[[]]", "。。[[]]", ["C2"]),
        ("甲 [[C2]]は、[[C97", "甲 は、", ["C2"]),
    ],
)
def test_citations_are_taken_out_and_only_of_titles_that_were_looked_up(
    text: str, shown: str, cited: list[str], pieces: int
) -> None:
    guard = Guard(IDS, "ja")
    parts = [guard.feed(text[at : at + pieces]) for at in range(0, len(text), pieces)]
    assert "".join([*parts, guard.finish()]) == shown
    assert guard.cited == cited


@pytest.mark.parametrize("pieces", [1, 2, 5, 1_000])
@pytest.mark.parametrize(
    "text", ["evil.[[C2]]com", "evil[[x]].com", "evil.[[C2、C9]]com", "evil [[x]].com"]
)
def test_a_citation_hides_no_link(text: str, pieces: int) -> None:
    assert "evil.com" not in passed(f"詳しくは {text} をどうぞ", pieces)


@pytest.mark.parametrize("secret", ["AKIAIOSFODNN7EXAMPLE", "a1" * 20, f"eyJ{'a' * 10}.b.c"])
def test_keys_are_masked(secret: str) -> None:
    assert secret not in passed(f"key {secret} end", 4)


DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "reversed": lambda text: text[::-1],
    "spaced": " ".join,
    "dashed": "-".join,
    "upper": str.upper,
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(b"ref:" + text.encode()).decode(),
    "shifted": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "invisible": "\u200b".join,
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("pieces", [1, 7, 1_000])
def test_the_prompts_canary_never_leaves(disguise: str, pieces: int) -> None:
    secret = DISGUISES[disguise](canary())
    guard = Guard(IDS, "ja")
    text = f"こちらです：{secret}、以上。"
    shown = "".join(guard.feed(text[at : at + pieces]) for at in range(0, len(text), pieces))
    assert guard.leaked
    assert len(shown) < len("こちらです：") + 12
    assert guard.feed("まだ") == guard.finish() == ""


@given(st.text() | st.text("[]C2 .漢、\n", max_size=60), st.integers(1, 20))
def test_an_answer_does_not_depend_on_its_pieces(text: str, pieces: int) -> None:
    assert passed(text, pieces) == passed(text, 10_000) or len(text) > 300
