"""The page for every reader: by axe, by keyboard alone, on a phone, without motion."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.chat.browser.conftest import Opener
from tests.chat.browser.counterpart import Counterpart
from tests.chat.browser.test_asking import ask
from tests.reading import PHONE, faults, faults_everywhere

ANSWER = "お探しの作品です。\n\n1. 一つ目\n2. 二つ目\n\n" + "長い説明です。" * 40

CARDS = [
    {
        "id": "C1", "title": "傾かない耳", "creator": "つづき春", "tags": ["日常", "港町"],
        "about": "静かな町で耳を澄ます職人の、静かな毎日の物語です。", "volumes": 3, "price": 1748,
        "availability": "in_stock", "url": "https://shop.example/titles/C1",
    },
    {"id": "C2", "title": "日常の果て", "price": 660, "availability": "out_of_stock"},
    {"id": "C3", "title": "題名だけの本"},
]  # fmt: skip


def converse(page: Page, counterpart: Counterpart) -> None:
    """Shows nearly everything that the page can: answers, a refusal, a form, a fault, a banner."""
    ask(page, "一つ目の質問")
    counterpart.answer(ANSWER, cards=CARDS)
    ask(page, "二つ目の質問")
    counterpart.answer("途中", state="incomplete")
    page.locator(".bad").last.click()
    ask(page, "三つ目の質問")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.tell("refused", of=of, code="rate", message="混み合っています。", retry_after=60)
    expect(page.locator(".retry").last).to_be_visible()
    page.locator("#message").fill("漢" * 4_001)
    expect(page.locator("#fault")).not_to_be_empty()


def test_cards_are_read_and_opened_and_the_next_question_asked_without_a_mouse(
    open_page: Opener, counterpart: Counterpart
) -> None:
    page = open_page()
    ask(page, "傾かない耳は？")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="傾かない耳は？")
    counterpart.say("cards", of=of, cards=CARDS[:1])
    expect(page.get_by_role("list", name="紹介した作品").locator(".card")).to_have_count(1)
    counterpart.say(
        "done", of=of, turn=2, state="complete", text="三作です。", cards=CARDS,
        suggestions=["傾かない耳は？", "つづき春のほかの作品は？", "『傾かない耳』に似た作品は？"],
    )  # fmt: skip
    expect(page.locator(".card")).to_have_count(3)
    first = page.locator(".card").first
    expect(first.locator(".offer span")).to_have_text(["￥1,748（税込）", "在庫あり", "3巻"])
    expect(first.locator(".tags li")).to_have_text(["日常", "港町"])
    link = page.get_by_role("link", name="傾かない耳 （新しいタブで開きます）")
    expect(link).to_have_attribute("href", "https://shop.example/titles/C1")
    page.locator("#thread").focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    assert faults(page) == []
    page.locator(".next button").first.focus()
    page.keyboard.press("Enter")
    assert counterpart.expect("sendMessage")["message"] == "つづき春のほかの作品は？"
    expect(page.locator(".next")).to_have_count(2)
    expect(page.locator(".next").first).to_be_hidden()
    expect(page.locator("#message")).to_be_focused()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", ["/chat/", "/chat/frame/"])
def test_page_and_frame_can_be_read_by_everybody(
    open_page: Opener, counterpart: Counterpart, path: str, language: str
) -> None:
    page = open_page(f"{path}?lang={language}", reduced_motion="reduce")
    assert faults_everywhere(page) == []
    converse(page, counterpart)
    assert faults_everywhere(page) == []
    counterpart.drop()
    page.locator("#clearing-button").click()
    assert faults(page) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_everything_fits_a_narrow_phone(
    open_page: Opener, counterpart: Counterpart, language: str
) -> None:
    page = open_page(f"/chat/?lang={language}", **PHONE)
    converse(page, counterpart)
    assert page.locator("#thread").evaluate("thread => thread.scrollWidth") == 360
    # Safari zooms into a field with smaller letters.
    sizes = page.locator("textarea, input").evaluate_all(
        "fields => fields.map((field) => parseFloat(getComputedStyle(field).fontSize))"
    )
    assert min(sizes) >= 16
    small = page.locator("button:visible, a.quiet:visible").evaluate_all(
        """all => all.filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 36)
          .map((one) => one.outerHTML)"""
    )
    assert small == []


def test_the_examples_keep_clear_of_the_edge_of_their_panel(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    panel = page.locator("#welcome").bounding_box()
    for example in page.locator(".suggestion").all():
        box = example.bounding_box()
        assert panel and box
        assert box["x"] - panel["x"] >= 24
        assert panel["x"] + panel["width"] - box["x"] - box["width"] >= 24


def test_an_answer_shifts_nothing_while_it_comes(page: Page, counterpart: Counterpart) -> None:
    page.evaluate(
        """() => {
          window.shifts = [];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) shifts.push(entry.value);
          }).observe({type: "layout-shift", buffered: true});
        }"""
    )
    ask(page, "質問")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="質問")
    for end in range(40, len(ANSWER), 40):
        counterpart.say("delta", of=of, text=ANSWER[end - 40 : end])
    counterpart.say("done", of=of, turn=2, state="complete", text=ANSWER)
    expect(page.locator(".actions")).to_be_visible()
    assert page.evaluate("shifts.reduce((sum, shift) => sum + shift, 0)") < 0.05


def test_the_page_is_used_by_keyboard_alone(page: Page, counterpart: Counterpart) -> None:
    focused = page.locator(":focus")
    page.keyboard.type("質問")
    page.keyboard.press("Enter")
    counterpart.answer("答え")
    expect(page.locator(".actions")).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(8):  # actions of the answer, the thread, and what is in the header
        page.keyboard.press("Shift+Tab")
    expect(focused).to_have_text("キーボード操作")
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(focused).to_have_text("キーボード操作")
    page.keyboard.press("Shift+Tab")
    expect(focused).to_have_text("メッセージの入力へ移動")
    expect(focused).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("id", "message")


def test_a_reader_who_wants_no_motion_sees_none(
    open_page: Opener, counterpart: Counterpart
) -> None:
    page = open_page(reduced_motion="reduce")
    ask(page, "質問")
    counterpart.say("accepted", of=counterpart.expect("sendMessage")["id"], turn=1)
    expect(page.locator(".phase")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
