"""The message field: keys, input methods, and what may be sent."""

from __future__ import annotations

import json
import random
import unicodedata
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mangaassist.tokens import estimate_tokens
from mangaassist.validation import validate_message
from tests.chat.browser.conftest import Opener
from tests.chat.browser.counterpart import LIMITS, Counterpart
from tests.mangaassist import unicode_cases

EMOJI = unicode_cases.emoji()
# Unicode 17 no longer takes U+2701 for a pictograph, and browsers are of different ages.
BREAKS = [case for case in map("".join, unicode_cases.grapheme_breaks()) if "\u2701" not in case]
PIECES = [
    *("あ", "漢字", "鬱", "ー", "。", "\u3000", "𠮷", "ﾊﾞﾝﾊﾟｲｱ", "か\u3099"),
    *("葛\U000e0100", "\ufa19"),
    *("a", "camelCase", "HTTPServer", "12", "3", " ", "  ", "\n", "\r\n", "\t", "^", "`", "é"),
    *("한", "क्षि", "น้ำ", "e" + "\u0301" * 9, "\u0301", "\u2800", "\U0001d15e", "\u2adc\ufe0f"),
    *("\u200d", "\u200b", "\u200c", "\ufe0f", "\x00", "\u2028", "\ue000", "\U000e0067", "\ud83d"),
    *("🎉", "🇯🇵", "👨\u200d👩\u200d👧\u200d👦", "😀\u200d"),
]
TIMES = [1] * 30 + [2, 3, 17, 200, 700, 4_001]


def mixed_texts(count: int) -> list[str]:
    """Japanese, emoji and everything that cleaning, counting and pricing treat specially."""
    chance = random.Random(count)
    return [
        "".join(_piece(chance) * chance.choice(TIMES) for _ in range(chance.randint(0, 7)))
        for _ in range(count)
    ]


def _piece(chance: random.Random) -> str:
    found = chance.choice(chance.choice([PIECES, PIECES, PIECES, EMOJI, EMOJI, BREAKS]))
    # What a later Unicode assigns is new to one of the two sides first.
    return "" if "Cn" in map(unicodedata.category, found) else found


def test_page_and_server_agree_on_a_thousand_mixed_texts(page: Page) -> None:
    texts = mixed_texts(1_000)
    judged = page.evaluate(
        """async ([texts, limits]) => {
          const {judge, estimateTokens} = await import("/static/chat/judge.js");
          const both = (text) => ({...judge(text, limits), tokens: estimateTokens(text)});
          return JSON.stringify(JSON.parse(texts).map(both));
        }""",
        [json.dumps(texts), LIMITS],
    )
    verdicts = [validate_message(text) for text in texts]
    assert len({verdict.code for verdict in verdicts}) == 7  # each refusal, and none
    expected = [
        {
            "code": verdict.code,
            "parameters": verdict.parameters,
            "text": verdict.text,
            "graphemes": verdict.graphemes,
            "tokens": estimate_tokens(text),
        }
        for text, verdict in zip(texts, verdicts, strict=True)
    ]
    for text, here, there in zip(texts, json.loads(judged), expected, strict=True):
        assert here == there, ascii(text[:200])


@pytest.mark.parametrize(
    ("language", "faults"),
    [
        (
            "ja",
            {
                "漢" * 4_001: "メッセージが長すぎます（最大4000文字、現在4001文字）",
                "鬱" * 2_000: "メッセージが複雑すぎて処理できません",
            },
        ),
        ("en", {"e" + "\u0301" * 10: "Character 1 is a stack of too many signs."}),
    ],
)
def test_a_message_that_would_be_refused_says_why_and_cannot_be_sent(
    open_page: Opener, counterpart: Counterpart, language: str, faults: dict[str, str]
) -> None:
    page = open_page(f"/chat/?lang={language}")
    for text, shown in faults.items():
        page.locator("#message").fill(text)
        expect(page.locator("#fault")).to_contain_text(shown)
        expect(page.locator("#message")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#send")).to_be_disabled()
        page.keyboard.press("Enter")
    page.locator("#message").fill("短い")
    expect(page.locator("#fault")).to_be_empty()
    page.keyboard.press("Enter")
    assert counterpart.expect("sendMessage")["message"] == "短い"


def test_characters_are_counted_as_readers_do_once_the_limit_is_near(page: Page) -> None:
    field, count = page.locator("#message"), page.locator("#count")
    field.fill("か\u3099" * 3_199)
    expect(count).to_be_empty()
    field.fill("か\u3099" * 3_200)
    expect(count).to_have_text("3,200/4,000文字")


def test_enter_sends_and_with_shift_begins_a_line(page: Page, counterpart: Counterpart) -> None:
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.type("一行目")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二行目")
    page.keyboard.press("Enter")
    assert counterpart.expect("sendMessage")["message"] == "一行目\n二行目"
    expect(page.locator("#message")).to_have_value("")


def test_enter_that_ends_a_composition_sends_nothing(page: Page, counterpart: Counterpart) -> None:
    browser = page.context.new_cdp_session(page)
    browser.send(
        "Input.imeSetComposition", {"text": "かんじ", "selectionStart": 3, "selectionEnd": 3}
    )
    _press_enter(browser, 229)
    browser.send("Input.insertText", {"text": "漢字"})
    _press_enter(browser, 229)  # Safari's, which comes after the composition
    expect(page.locator("#message")).to_have_value("漢字")
    assert "sendMessage" not in counterpart.heard()
    _press_enter(browser, 13)
    assert counterpart.expect("sendMessage")["message"] == "漢字"


def _press_enter(browser: Any, key_code: int) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
    browser.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    browser.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def test_nothing_is_sent_while_an_answer_is_written(page: Page, counterpart: Counterpart) -> None:
    field = page.locator("#message")
    field.fill("一つ目")
    page.keyboard.press("Enter")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="一つ目")
    field.fill("二つ目")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("お待ちください")
    expect(field).to_have_value("二つ目")
    page.keyboard.press("Escape")
    assert counterpart.expect("stop") == {"of": of}
    assert "sendMessage" not in counterpart.heard()


def test_the_arrow_recalls_the_last_message_into_an_empty_field(
    page: Page, counterpart: Counterpart
) -> None:
    page.keyboard.type("前の質問")
    page.keyboard.press("Enter")
    counterpart.answer("答え")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#message")).to_have_value("前の質問")


def test_a_draft_survives_a_reload(page: Page) -> None:
    page.locator("#message").fill("書きかけ")
    page.reload()
    expect(page.locator("#message")).to_have_value("書きかけ")
    expect(page.locator("#send")).to_be_enabled()


def test_on_a_phone_enter_begins_a_line(open_page: Opener, counterpart: Counterpart) -> None:
    page = open_page(is_mobile=True, has_touch=True, viewport={"width": 360, "height": 740})
    page.locator("#message").fill("一行目")
    page.keyboard.press("Enter")
    page.keyboard.type("二行目")
    page.locator("#send").tap()
    assert counterpart.expect("sendMessage")["message"] == "一行目\n二行目"
