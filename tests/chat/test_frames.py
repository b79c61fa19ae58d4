"""A frame is read the same way by the schema and by us, and a bad one says what is wrong."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import frames
from chat.frames import SCHEMA_FILE, SENTENCES, SHAPES, BadFrame, parse, read
from mangaassist.language import Language
from mangaassist.validation import FRAME_BYTES

ID = "0190a1b2-0000-7000-8000-00000000abcd"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
schema = jsonschema.Draft7Validator(SCHEMA)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.sampled_from([2**53 - 1, 2**53, 10**400, 1.0, 0.5, 1e300, -0.0]),
    st.sampled_from([ID, ID.upper(), f"{ID}\n", ID[1:], "up", "down", "ja", "en", "fr", ""]),
    st.text(max_size=3),
    st.sampled_from(["あ" * 1_000, "あ" * 1_001]),
)
values = scalars | st.lists(scalars, max_size=1) | st.dictionaries(st.text(), scalars, max_size=1)
names = st.sampled_from(sorted({name for shape in SHAPES.values() for name in shape.fields}))
data = st.dictionaries(names | st.text(max_size=2), values, max_size=3)
fitting = {
    "id": st.just(ID),
    "of": st.just(ID),
    "message": st.text(max_size=5),
    "preferredLanguage": st.sampled_from(["ja", "en"]),
    "before": st.integers(0, 2**53 - 1),
    "after": st.integers(0, 2**53 - 1),
    "value": st.sampled_from(["up", "down"]),
    "reason": st.text(max_size=5),
}


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """A good frame, with at most one thing put in and one taken out."""
    action = draw(st.sampled_from(sorted(SHAPES)))
    filled = {name: draw(fitting[name]) for name in SHAPES[action].fields}
    filled |= draw(st.dictionaries(names, values, max_size=1))
    for name in draw(
        st.lists(st.sampled_from(sorted(filled)), max_size=1) if filled else st.just([])
    ):
        del filled[name]
    return {"action": action, "data": filled}


documents = (
    nearly_right()
    | st.fixed_dictionaries({"action": st.sampled_from(sorted(SHAPES)) | values, "data": data})
    | st.dictionaries(st.sampled_from(["action", "data", "more"]), values | data, max_size=3)
    | values
)


def accepted(document: Any) -> bool:
    try:
        read(document)
    except BadFrame:
        return False
    return True


def refusal(text: str | bytes) -> BadFrame:
    with pytest.raises(BadFrame) as raised:
        parse(text)
    return raised.value


def test_the_schema_is_one_of_draft_seven() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@given(documents)
def test_schema_and_parser_accept_the_same(document: Any) -> None:
    assert accepted(document) == schema.is_valid(document)


@given(st.text() | st.binary())
def test_nothing_but_bad_frame_comes_of_any_text(text: str | bytes) -> None:
    with pytest.raises(BadFrame):
        parse(text)


def test_a_message_is_read_with_its_language() -> None:
    text = {"id": ID, "message": "おすすめは？", "preferredLanguage": "en"}
    frame = parse(json.dumps({"action": "sendMessage", "data": text}))
    assert frame == frames.SendMessage(ID, "おすすめは？", Language.EN)


@pytest.mark.parametrize("action", ["ping", "clearSession", "getHistory"])
def test_a_frame_that_needs_nothing_may_leave_its_data_out(action: str) -> None:
    assert parse(json.dumps({"action": action})) == SHAPES[action].frame()


def test_a_feedback_may_say_why() -> None:
    feedback = {"of": ID, "value": "down", "reason": "違う巻でした"}
    frame = parse(json.dumps({"action": "feedback", "data": feedback}))
    assert frame == frames.Feedback(ID, "down", "違う巻でした")


@pytest.mark.parametrize(
    ("text", "code", "parameters"),
    [
        (b"{}", "frame_not_text", {}),
        ("あ" * FRAME_BYTES, "frame_too_large", {"max": FRAME_BYTES}),
        ("あ" * (FRAME_BYTES // 3 + 1), "frame_too_large", {"max": FRAME_BYTES}),
        ("{", "frame_not_json", {}),
        ("[" * 20_000, "frame_not_json", {}),
        ("1" * 5_000, "frame_not_json", {}),
        ('{"action": "resume", "data": {"after": NaN}}', "frame_not_json", {}),
        ("[]", "frame_not_object", {}),
        ('{"action": "ping", "data": []}', "frame_not_object", {}),
        ("{}", "missing_field", {"field": "action"}),
        ('{"action": "fly"}', "unknown_action", {"action": "fly"}),
        ('{"action": "\\ud800x"}', "unknown_action", {"action": "x"}),
        ('{"action": {}}', "unknown_action", {"action": "dict"}),
        ('{"action": "stop", "data": {}}', "missing_field", {"field": "of"}),
        ('{"action": "stop", "data": {"of": "1"}}', "bad_field", {"field": "of"}),
        ('{"action": "ping", "data": {"a": 1}}', "unknown_field", {"field": "a"}),
    ],
)
def test_a_bad_frame_says_what_is_wrong(
    text: str | bytes, code: str, parameters: dict[str, Any]
) -> None:
    found = refusal(text)
    assert (found.code, found.parameters) == (code, parameters)
    assert found.message("ja") != found.message("en")


def test_every_code_has_a_test() -> None:
    marks = test_a_bad_frame_says_what_is_wrong.pytestmark
    assert {case[1] for case in marks[0].args[1]} == set(SENTENCES)


def test_a_lone_surrogate_is_left_to_the_judge_of_messages() -> None:
    frame = parse(
        f'{{"action": "sendMessage", "data": {{"id": "{uuid4()}", "message": "\\ud800"}}}}'
    )
    assert isinstance(frame, frames.SendMessage)
