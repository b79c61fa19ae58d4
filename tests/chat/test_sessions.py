"""Sessions against a real table, in the web process's role."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chat import rows, sessions
from chat.sessions import begin, clear, feedback, finish, history
from chat.turns import Answer, History, State, Turn, milliseconds
from mangaassist import aws
from mangaassist.errors import Misconfigured, Rejected
from mangaassist.resources import ENRICHMENT_ROLE, SESSIONS_TABLE, WEB_ROLE
from tests.chat.conftest import in_role
from tests.mangaassist.conftest import Account

ANSWER = Answer("全23巻です。", State.COMPLETE, "a-model", 900, 40, Decimal("0.0011"))
DENIED = "must allow dynamodb:Query"
LATER = Answer("", State.DEFERRED)


@pytest.fixture(scope="module", autouse=True)
def in_the_web(chat_account: Account) -> Iterator[None]:
    with in_role(chat_account, WEB_ROLE):
        yield


@pytest.fixture(autouse=True)
def nothing_said_yet() -> None:
    clear("s")
    clear("t")


def ask(n: int, session: str = "s") -> Turn:
    return begin(session, f"m{n}", f"質問{n}", "ja").turn


def converse(count: int) -> list[Turn]:
    """Answers of so many exchanges."""
    return [finish("s", ask(n), ANSWER) for n in range(1, count + 1)]


def texts(found: History) -> list[str]:
    return [turn.text for turn in found.turns]


def stored(turn: int, **changes: Any) -> dict[str, Any]:
    """Reads a row as it is stored, after changing attributes as time would."""
    account = {"sessionId": {"S": "s"}, "turn": {"N": str(turn)}}
    for name, value in changes.items():
        aws.dynamodb().update_item(
            TableName=SESSIONS_TABLE.name, Key=account, UpdateExpression="SET #n = :v",
            ExpressionAttributeNames={"#n": name},
            ExpressionAttributeValues={":v": {"N": str(value)}},
        )  # fmt: skip
    answer = aws.dynamodb().query(
        TableName=SESSIONS_TABLE.name, KeyConditionExpression="sessionId = :s AND turn = :t",
        ExpressionAttributeValues={":s": {"S": "s"}, ":t": {"N": str(turn)}},
    )  # fmt: skip
    return dict(answer["Items"][0])


def ago(**span: float) -> int:
    return milliseconds(datetime.now(UTC) - timedelta(**span))


def test_a_message_that_was_stored_unheard_of_is_new_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put, heard = rows.put, iter([False])
    monkeypatch.setattr(rows, "put", lambda *row: put(*row) and next(heard, True))
    assert begin("s", "m1", "質問", "ja").new
    assert not begin("s", "m1", "質問", "ja").new


def test_a_message_and_its_answer_are_two_turns() -> None:
    finish("s", ask(1), ANSWER)
    question, answer = history("s").turns
    assert (question.number, question.role, question.text) == (1, "user", "質問1")
    assert (answer.number, answer.role, answer.text) == (2, "assistant", "全23巻です。")
    assert (answer.message_id, answer.model, answer.cost) == ("m1", "a-model", Decimal("0.0011"))


def test_a_message_knows_what_was_said_before_it() -> None:
    converse(1)
    begun = begin("s", "m2", "質問2", "ja")
    assert texts(begun.history) == ["質問1", "全23巻です。"]
    assert begun.turn.number == 3


def test_a_message_that_is_sent_again_is_the_same_turn() -> None:
    ask(1)
    again = begin("s", "m1", "質問1", "ja")
    assert (again.new, again.turn.number, again.answer) == (False, 1, None)


def test_a_message_that_is_sent_again_has_its_answer() -> None:
    converse(2)
    again = begin("s", "m2", "質問2", "ja")
    assert again.answer is not None
    assert (again.answer.text, texts(again.history)) == (ANSWER.text, ["質問1", ANSWER.text])


def test_messages_of_several_tabs_at_once_are_all_kept_once() -> None:
    with ThreadPoolExecutor(6) as tabs:
        numbers = [turn.number for turn in tabs.map(ask, [1, 2, 3, 1, 2, 3])]
    assert numbers[:3] == numbers[3:]
    assert sorted(numbers[:3]) == [1, 3, 5]


def test_an_answer_is_written_once() -> None:
    question = ask(1)
    finish("s", question, ANSWER)
    late = finish("s", question, Answer("another", State.COMPLETE))
    assert late.text == ANSWER.text


def test_a_deferred_answer_gives_way_to_the_one_that_comes_later() -> None:
    question = ask(1)
    assert finish("s", question, LATER).state is State.DEFERRED
    assert finish("s", question, ANSWER).text == ANSWER.text
    assert finish("s", question, LATER).state is State.COMPLETE


def test_history_is_the_latest_turns_and_says_that_there_are_more() -> None:
    converse(3)
    found = history("s", limit=4)
    assert ([turn.number for turn in found.turns], found.more) == ([3, 4, 5, 6], True)


def test_older_history_is_read_before_a_turn() -> None:
    converse(3)
    found = history("s", limit=4, before=3)
    assert ([turn.number for turn in found.turns], found.more) == ([1, 2], False)


def test_a_long_history_is_read_over_several_pages() -> None:
    converse(rows.PAGE + 2)
    found = history("s", limit=100)
    assert (len(found.turns), found.more) == (2 * rows.PAGE + 4, False)


def test_a_session_ends_after_half_an_hour_without_a_sign() -> None:
    converse(1)
    stored(1, at=ago(minutes=40), answeredAt=ago(minutes=31))
    assert history("s") == History()
    begun = begin("s", "m2", "質問2", "ja")
    assert (begun.history, begun.turn.number) == (History(), 3)


def test_turns_of_an_ended_session_stay_away_from_the_next_one() -> None:
    converse(1)
    stored(1, at=ago(minutes=40), answeredAt=ago(minutes=31))
    ask(2)
    assert texts(history("s")) == ["質問2"]


def test_a_message_prolongs_its_session() -> None:
    converse(2)
    stored(1, at=ago(minutes=50), answeredAt=ago(minutes=49))
    stored(3, at=ago(minutes=25), answeredAt=ago(minutes=24))
    assert len(history("s").turns) == 4


def test_reading_prolongs_a_session() -> None:
    converse(1)
    stored(1, at=ago(minutes=21), answeredAt=ago(minutes=20))
    history("s")
    assert int(stored(1)["seenAt"]["N"]) >= ago(seconds=20)


def test_a_turn_that_dynamodb_should_have_deleted_is_not_shown() -> None:
    converse(1)
    assert int(stored(1)["expiresAt"]["N"]) * 1_000 > ago(hours=-23)
    stored(1, expiresAt=ago(seconds=1) // 1_000)
    assert history("s") == History()


def test_a_cleared_session_leaves_nothing() -> None:
    converse(sessions.LOOKBACK + 8)
    clear("s")
    assert aws.dynamodb().query(
        TableName=SESSIONS_TABLE.name, KeyConditionExpression="sessionId = :s",
        ExpressionAttributeValues={":s": {"S": "s"}},
    )["Count"] == 0  # fmt: skip


def test_another_session_is_not_cleared() -> None:
    finish("t", ask(1, "t"), ANSWER)
    clear("s")
    assert len(history("t").turns) == 2


def test_an_answer_to_a_cleared_session_is_not_kept() -> None:
    question = ask(1)
    clear("s")
    with pytest.raises(Rejected, match="turn_gone"):
        finish("s", question, ANSWER)
    assert history("s") == History()


def test_an_answer_never_lands_on_the_message_of_a_new_session() -> None:
    question = ask(1)
    clear("s")
    ask(2)
    with pytest.raises(Rejected, match="turn_gone"):
        finish("s", question, ANSWER)


def test_feedback_is_kept_with_its_answer() -> None:
    converse(1)
    assert feedback("s", "m1", "down", "古い情報でした")
    assert history("s").turns[1].feedback == "down"
    assert stored(1)["feedback"]["M"]["reason"] == {"S": "古い情報でした"}


def test_feedback_without_an_answer_is_not_kept() -> None:
    ask(1)
    assert not feedback("s", "m1", "up")
    assert not feedback("s", "nobody", "up")


def test_what_is_known_after_an_answer_is_what_a_read_would_bring() -> None:
    converse(2)
    begun = begin("s", "m3", "質問3", "ja")
    known = begun.exchanges(finish("s", begun.turn, ANSWER))
    assert known == sessions.latest("s")


def test_a_summary_is_part_of_the_history() -> None:
    answers = converse(3)
    assert sessions.put_summary("s", answers[1], "巻数の話。")
    found = history("s")
    assert (found.summary, found.summary_upto) == ("巻数の話。", 4)


def test_a_late_summary_never_hides_a_newer_one() -> None:
    answers = converse(3)
    sessions.put_summary("s", answers[2], "新しい")
    sessions.put_summary("s", answers[0], "古い")
    assert (history("s").summary, history("s").summary_upto) == ("新しい", 6)


def test_a_summary_is_written_once_and_never_after_a_clear() -> None:
    [answer] = converse(1)
    assert sessions.put_summary("s", answer, "一つ目")
    assert not sessions.put_summary("s", answer, "二つ目")
    clear("s")
    assert not sessions.put_summary("s", answer, "三つ目")


def test_a_withdrawn_answer_is_neither_shown_nor_told_to_the_model() -> None:
    [answer] = converse(1)
    assert sessions.withdraw("s", answer, "取り下げました。")
    [_, shown] = history("s").turns
    assert (shown.text, shown.state) == ("取り下げました。", State.WITHDRAWN)


def test_a_missing_permission_is_named(chat_account: Account) -> None:
    with in_role(chat_account, ENRICHMENT_ROLE), pytest.raises(Misconfigured, match=DENIED):
        begin("s", "m1", "質問", "ja")
