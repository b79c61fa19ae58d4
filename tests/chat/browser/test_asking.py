"""A question and its answer, from the first key to the feedback."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.chat.browser.counterpart import Counterpart

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def ask(page: Page, text: str) -> None:
    page.locator("#message").fill(text)
    page.locator("#send").click()


def test_an_answer_grows_piece_by_piece_and_ends_as_the_final_frame_says(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "おすすめは？")
    message = counterpart.expect("sendMessage")
    assert UUID.fullmatch(message["id"])
    assert (message["message"], message["preferredLanguage"]) == ("おすすめは？", "ja")
    of = message["id"]
    counterpart.say("accepted", of=of, turn=1, message="おすすめは？")
    for phase, shown in (("searching", "検索中"), ("thinking", "考え中"), ("writing", "執筆中")):
        counterpart.say("phase", of=of, phase=phase)
        expect(page.locator(".phase span")).to_have_text(shown)
    for piece, shown in (("今月は", "今月は"), ("この作品", "今月はこの作品")):
        counterpart.say("delta", of=of, text=piece)
        expect(page.locator(".prose")).to_have_text(shown)
    counterpart.say("done", of=of, turn=2, state="complete", text="今月はこちらです。")
    expect(page.locator(".prose")).to_have_text("今月はこちらです。")
    expect(page.locator(".phase")).to_be_hidden()
    expect(page.locator("#message")).to_be_focused()


def test_only_the_beginning_and_the_end_are_announced(page: Page, counterpart: Counterpart) -> None:
    page.evaluate(
        """() => {
          window.said = [];
          new MutationObserver(() => said.push(document.getElementById("announcer").textContent))
            .observe(document.getElementById("announcer"), {childList: true});
        }"""
    )
    ask(page, "おすすめは？")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="おすすめは？")
    for piece in "今月の新刊":
        counterpart.say("delta", of=of, text=piece)
    counterpart.say("done", of=of, turn=2, state="complete", text="今月の新刊")
    expect(page.locator(".actions")).to_be_visible()
    assert page.evaluate("said") == ["回答を作成しています", "回答が届きました"]
    assert page.locator("[aria-live], [role=log], [role=alert]").count() == 0


def test_what_the_model_writes_is_text_and_never_markup(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "<b>太字</b>")
    counterpart.answer(
        "<img src=x onerror=alert(1)>\n\n- <a href='javascript:alert(1)'>一</a>\n- 二\n\n"
        "3. 三\n4. 四\n\n[[<i>]]",
        cards=[{"id": "C1", "title": "<b>一</b>", "about": "<img src=x>", "tags": ["<i>"]}],
        suggestions=["<u>次</u>"],
    )
    prose = page.locator(".prose")
    expect(prose.locator("p").first).to_have_text("<img src=x onerror=alert(1)>")
    expect(prose.locator("ul > li")).to_have_text(["<a href='javascript:alert(1)'>一</a>", "二"])
    expect(prose.locator("ol[start='3'] > li")).to_have_text(["三", "四"])
    expect(prose.locator("p").last).to_have_text("[[<i>]]")
    expect(page.locator(".card")).to_have_text("<b>一</b><img src=x><i>")
    expect(page.locator(".next button")).to_have_text("<u>次</u>")
    expect(page.locator(".asked")).to_have_text("<b>太字</b>")
    assert page.locator(".answer").locator("a, b, u, img[src=x], .prose i, .card i").count() == 0


def test_a_stopped_answer_keeps_what_was_written(page: Page, counterpart: Counterpart) -> None:
    ask(page, "長い話")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="長い話")
    counterpart.say("delta", of=of, text="昔々")
    expect(page.locator("#send")).to_be_hidden()
    page.locator("#stop").click()
    assert counterpart.expect("stop") == {"of": of}
    counterpart.say("done", of=of, turn=2, state="stopped", text="昔々")
    expect(page.locator(".prose")).to_have_text("昔々")
    expect(page.locator(".notice")).to_have_text("途中で停止しました。")
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#message")).to_be_focused()


def test_another_answer_is_asked_for_without_showing_the_question_twice(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "おすすめは？")
    first = counterpart.answer("一")
    page.locator(".again").click()
    again = counterpart.expect("regenerate")
    assert again["of"] == first["id"] != again["id"]
    counterpart.say("accepted", of=again["id"], turn=3, message="おすすめは？")
    counterpart.say("done", of=again["id"], turn=4, state="complete", text="二")
    expect(page.locator(".prose")).to_have_text(["一", "二"])
    expect(page.locator(".asked")).to_have_text(["おすすめは？", "同じ質問への別の回答"])


def test_a_refused_message_is_kept_and_sent_again_under_its_id(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "急ぎの質問")
    first = counterpart.expect("sendMessage")
    refusal = "混み合っています。1秒後にもう一度お試しください。"
    counterpart.tell("refused", of=first["id"], code="rate", message=refusal, retry_after=1)
    expect(page.locator(".delivery > span")).to_have_text(refusal)
    expect(page.locator(".retry")).to_have_text("再送信（1秒後）")
    expect(page.locator(".retry")).to_be_disabled()
    page.locator(".retry").click()  # once it is enabled
    assert counterpart.expect("sendMessage") == first


def test_a_refused_message_can_be_taken_back_and_changed(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "急ぎの質問")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.tell("refused", of=of, code="rate", message="混み合っています。", retry_after=60)
    page.locator(".edit").click()
    expect(page.locator("#message")).to_have_value("急ぎの質問")
    expect(page.locator("#message")).to_be_focused()
    expect(page.locator(".exchange")).to_have_count(0)


def test_a_deferred_answer_comes_into_its_place_later(page: Page, counterpart: Counterpart) -> None:
    ask(page, "一つ目")
    first = counterpart.answer("", state="deferred")
    expect(page.locator(".notice")).to_contain_text("回答ができしだい")
    ask(page, "二つ目")
    counterpart.answer("すぐ答えます")
    counterpart.say("late", of=first["id"], turn=2, text="お待たせの答え")
    expect(page.locator(".prose")).to_have_text(["お待たせの答え", "すぐ答えます"])
    expect(page.locator(".notice").first).to_contain_text("お待たせしました")


def test_an_answer_that_never_came_is_told_as_a_failure(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "質問")
    first = counterpart.answer("", state="deferred")
    counterpart.say("late", of=first["id"], turn=2, text="", state="failed", notice="作れません。")
    expect(page.locator(".notice")).to_have_text("作れません。")
    expect(page.locator(".again")).to_be_visible()


def test_a_withdrawn_answer_gives_way_to_the_reason(page: Page, counterpart: Counterpart) -> None:
    ask(page, "質問")
    first = counterpart.answer("よくない答え")
    counterpart.say("withdrawn", of=first["id"], turn=2, text="取り下げました", state="withdrawn")
    expect(page.locator(".prose")).to_have_text("取り下げました")


def test_a_notice_of_the_server_stands_beside_a_failed_answer(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "質問")
    counterpart.answer("", state="failed", notice="ただいま回答できません。")
    expect(page.locator(".notice")).to_have_text("ただいま回答できません。")
    expect(page.locator(".again")).to_be_visible()
    expect(page.locator(".copy")).to_be_hidden()


def test_an_answer_is_copied_and_judged_with_a_reason(page: Page, counterpart: Counterpart) -> None:
    ask(page, "質問")
    of = counterpart.answer("答え")["id"]
    page.locator(".copy").click()
    expect(page.locator(".told")).to_have_text("コピーしました")
    page.locator(".bad").click()
    assert counterpart.expect("feedback") == {"of": of, "value": "down"}
    expect(page.locator(".bad")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".reason input")).to_be_focused()
    page.keyboard.type("違う作品でした")
    page.keyboard.press("Enter")
    assert counterpart.expect("feedback") == {
        "of": of,
        "value": "down",
        "reason": "違う作品でした",
    }
    counterpart.tell("feedback_saved", of=of)
    expect(page.locator(".told")).to_have_text("ご協力ありがとうございます。")
