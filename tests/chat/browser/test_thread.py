"""What the page shows of a session: across reloads, tabs and lost connections."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.chat.browser.conftest import Opener
from tests.chat.browser.counterpart import Counterpart, Frame
from tests.chat.browser.test_asking import ask


def exchange(number: int) -> list[Frame]:
    """Two turns of a history."""
    known = {"id": f"message-{number}", "at": "2026-11-25T10:00:00+09:00", "state": "complete"}
    return [
        {"turn": 2 * number - 1, "role": "user", "text": f"質問{number}", **known},
        {"turn": 2 * number, "role": "assistant", "text": f"答え{number}", **known},
    ]


def turns(count: int) -> list[Frame]:
    return [turn for number in range(1, count + 1) for turn in exchange(number)]


def begin(page: Page, counterpart: Counterpart, question: str = "質問") -> str:
    """Asks and hears the first words of an answer; the id of the message."""
    ask(page, question)
    of = str(counterpart.expect("sendMessage")["id"])
    counterpart.say("accepted", of=of, turn=1, message=question)
    counterpart.say("delta", of=of, text="昔々")
    return of


def test_earlier_turns_are_shown_and_older_ones_come_when_scrolled_to(
    open_page: Opener, counterpart: Counterpart
) -> None:
    counterpart.turns, counterpart.page_size = turns(20), 20
    page = open_page()
    asked = page.locator(".asked")
    expect(asked).to_have_count(10)
    expect(page.locator("#welcome")).to_be_hidden()
    expect(asked.last).to_be_in_viewport()
    page.locator("#thread").evaluate("thread => { thread.scrollTop = 0; }")
    expect(asked).to_have_text([f"質問{number}" for number in range(1, 21)])
    expect(asked.nth(10)).to_be_in_viewport()  # what was at the top has stayed
    expect(page.locator("#older")).to_be_hidden()


def test_an_answer_that_is_being_written_goes_on_after_a_reload(
    page: Page, counterpart: Counterpart
) -> None:
    of = begin(page, counterpart, "質問1")
    counterpart.turns = [{**exchange(1)[0], "id": of}]
    page.reload()
    expect(page.locator(".prose")).to_have_text("昔々")
    counterpart.say("delta", of=of, text="ある所に")
    expect(page.locator(".prose")).to_have_text("昔々ある所に")
    expect(page.locator("#stop")).to_be_visible()


def test_a_lost_connection_loses_and_repeats_nothing(page: Page, counterpart: Counterpart) -> None:
    of = begin(page, counterpart)
    expect(page.locator(".prose")).to_have_text("昔々")
    counterpart.drop()
    counterpart.say("delta", of=of, text="ある所に")  # while nobody listens
    assert counterpart.expect("resume") == {"after": 2}
    counterpart.say("delta", of=of, text="猫が")
    expect(page.locator(".prose")).to_have_text("昔々ある所に猫が")
    assert "sendMessage" not in counterpart.heard()


def test_an_answer_that_is_begun_anew_takes_the_place_of_its_pieces(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "質問")
    of = counterpart.expect("sendMessage")["id"]
    for text in ("昔々", "猫が"):
        counterpart.say("accepted", of=of, turn=1, message="質問")
        counterpart.say("delta", of=of, text=text)
        expect(page.locator(".prose")).to_have_text(text)


def test_a_message_that_nobody_acknowledged_is_sent_again_under_its_id(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "質問")
    first = counterpart.expect("sendMessage")
    expect(page.locator(".delivery")).to_contain_text("送信しています")
    counterpart.drop()
    assert counterpart.answer("答え") == first
    expect(page.locator(".prose")).to_have_text(["答え"])


def test_an_answer_is_awaited_however_long_the_connection_is_away(
    page: Page, counterpart: Counterpart
) -> None:
    page.clock.install()
    of = begin(page, counterpart)
    expect(page.locator(".prose")).to_have_text("昔々")
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("オフラインです")
    counterpart.say("done", of=of, turn=2, state="complete", text="昔々、猫が。")
    page.clock.fast_forward(50_000)
    expect(page.locator(".notice")).to_be_hidden()
    page.context.set_offline(False)
    expect(page.locator(".prose")).to_have_text("昔々、猫が。")
    expect(page.locator(".actions")).to_be_visible()


def test_an_answer_that_comes_after_all_takes_the_place_of_the_apology(
    page: Page, counterpart: Counterpart
) -> None:
    page.clock.install()
    ask(page, "質問")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="質問")
    expect(page.locator(".phase")).to_be_visible()
    page.clock.fast_forward(50_000)
    expect(page.locator(".notice")).to_contain_text("もう一度お試しください")
    counterpart.say("done", of=of, turn=2, state="complete", text="昔々")
    expect(page.locator(".prose")).to_have_text("昔々")
    expect(page.locator(".notice")).to_be_hidden()


def test_a_late_answer_that_was_missed_comes_with_the_history(
    page: Page, counterpart: Counterpart
) -> None:
    ask(page, "質問1")
    of = counterpart.answer("", state="deferred")["id"]
    expect(page.locator(".notice")).to_contain_text("回答ができしだい")
    counterpart.say("history", turns=[{**turn, "id": of} for turn in exchange(1)], more=False)
    expect(page.locator(".prose")).to_have_text("答え1")
    expect(page.locator(".notice")).to_be_hidden()


def test_older_turns_are_asked_for_again_when_the_connection_was_lost_meanwhile(
    open_page: Opener, counterpart: Counterpart
) -> None:
    counterpart.turns, counterpart.page_size = turns(20), 20
    page = open_page()
    expect(page.locator(".asked")).to_have_count(10)
    counterpart.has_history = False
    page.locator("#thread").evaluate("thread => { thread.scrollTop = 0; }")
    while counterpart.expect("getHistory") == {}:
        pass
    counterpart.has_history = True
    counterpart.drop()
    counterpart.expect("resume")
    page.locator("#thread").evaluate("thread => { thread.scrollTop = 20; }")
    expect(page.locator(".asked")).to_have_count(20)


def test_pieces_without_a_number_stand_between_those_that_have_one(
    page: Page, counterpart: Counterpart
) -> None:
    of = begin(page, counterpart)
    for text in ("ある", "所に"):
        counterpart.tell("delta", of=of, text=text)
    for text in ("猫", "が"):
        counterpart.say("delta", of=of, text=text)
    expect(page.locator(".prose")).to_have_text("昔々ある所に猫が")


def test_what_is_written_offline_is_sent_when_the_connection_is_back(
    page: Page, counterpart: Counterpart
) -> None:
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("オフラインです")
    ask(page, "電車の中で")
    expect(page.locator(".asked")).to_have_text(["電車の中で"])
    assert "sendMessage" not in counterpart.heard()
    page.context.set_offline(False)
    assert counterpart.answer("答え")["message"] == "電車の中で"
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator(".prose")).to_have_text(["答え"])


def test_a_message_has_its_time_to_be_accepted_after_each_time_it_is_sent(
    page: Page, counterpart: Counterpart
) -> None:
    page.clock.install()
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_be_visible()
    ask(page, "電車の中で")
    page.clock.fast_forward(6_000)
    page.context.set_offline(False)
    counterpart.expect("sendMessage")
    page.clock.fast_forward(4_000)
    expect(page.locator(".delivery > span")).to_have_text("送信しています…")
    page.clock.fast_forward(6_000)
    expect(page.locator(".delivery > span")).to_have_text("まだ送信できていません。")


def test_a_message_that_waits_for_the_connection_can_be_taken_back(
    page: Page, counterpart: Counterpart
) -> None:
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_be_visible()
    ask(page, "電車の中で")
    page.locator("#stop").click()
    page.locator(".edit").click()
    expect(page.locator("#message")).to_have_value("電車の中で")
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_be_hidden()
    ask(page, "やっぱり")
    assert counterpart.answer("答え")["message"] == "やっぱり"


def test_two_tabs_show_one_thread(open_page: Opener, counterpart: Counterpart) -> None:
    here, there = open_page(), open_page()
    here.bring_to_front()
    ask(here, "質問")
    of = counterpart.expect("sendMessage")["id"]
    counterpart.say("accepted", of=of, turn=1, message="質問")
    counterpart.say("delta", of=of, text="昔々")
    there.bring_to_front()
    expect(there.locator(".asked")).to_have_text(["質問"])
    expect(there.locator(".prose")).to_have_text(["昔々"])
    there.locator("#stop").click()
    assert counterpart.expect("stop") == {"of": of}
    counterpart.say("done", of=of, turn=2, state="stopped", text="昔々")
    for tab in (here, there):
        tab.bring_to_front()
        expect(tab.locator(".notice")).to_have_text("途中で停止しました。")


def test_clearing_asks_first_and_empties_the_page(page: Page, counterpart: Counterpart) -> None:
    ask(page, "質問")
    counterpart.answer("答え")
    page.locator("#clearing-button").click()
    page.locator("dialog [value=no]").click()
    page.locator("#clearing-button").click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert "clearSession" not in counterpart.heard()
    page.locator("#clearing-button").click()
    page.locator("dialog [value=yes]").click()
    assert counterpart.expect("clearSession") == {}
    counterpart.say("cleared")
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#message")).to_be_focused()


def test_what_the_server_could_not_do_is_shown_for_a_while(
    page: Page, counterpart: Counterpart
) -> None:
    page.clock.install()
    page.locator("#clearing-button").click()
    page.locator("dialog [value=yes]").click()
    counterpart.expect("clearSession")
    counterpart.tell("refused", code="unavailable", message="今はできません。", retry_after=1)
    banner = page.locator("#banner")
    expect(banner.locator("span")).to_have_text("今はできません。")
    expect(banner.locator("button")).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("今はできません。")
    page.clock.fast_forward(10_000)
    expect(banner).to_be_hidden()


def test_a_history_that_the_server_could_not_read_is_asked_for_again(
    open_page: Opener, counterpart: Counterpart
) -> None:
    counterpart.turns, counterpart.has_history = turns(1), False
    page = open_page()
    page.clock.install()
    assert counterpart.expect("getHistory") == {}
    counterpart.has_history = True
    counterpart.tell("refused", code="unavailable", message="今はできません。", retry_after=1)
    expect(page.locator("#banner")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.locator(".prose")).to_have_text("答え1")


def test_new_text_does_not_move_a_reader_who_looks_at_older_text(
    open_page: Opener, counterpart: Counterpart
) -> None:
    counterpart.turns = turns(20)
    page = open_page()
    page.locator("#thread").evaluate("thread => { thread.scrollTop = 500; }")
    expect(page.locator("#latest")).to_be_visible()
    counterpart.say("accepted", of="other", turn=41, message="別のタブから")
    counterpart.say("done", of="other", turn=42, state="complete", text="答え")
    expect(page.locator(".asked")).to_have_count(21)
    assert page.locator("#thread").evaluate("thread => thread.scrollTop") == 500
    page.locator("#latest").click()
    expect(page.locator(".asked").last).to_be_in_viewport()
    expect(page.locator("#latest")).to_be_hidden()
