"""Which answers of a model are usable, and what is said about the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from enrichment.answer_shape import shape_problems
from enrichment.answers import BadAnswer, check
from enrichment.kinds import Field, Kind, fields, schema
from enrichment.prompts import Prompt, render
from enrichment.uploads import TitleFields
from mangaassist.errors import Refused
from mangaassist.language import Language

TITLE = TitleFields(id="C1", title_jp="<b>LOVE & 花</b>", creator="山田花子")
SYNOPSIS = "ひまわり畑のそばに住む探偵が、町の小さな謎を一つずつ解いていきます。" * 2
VALUES: dict[str, Any] = {
    "synopsis_ja": SYNOPSIS,
    "synopsis_en": "A detective beside a sunflower field solves the small riddles of her town.",
    "tags_ja": ["探偵", "日常", "ミステリー"],
    "tags_en": ["detective", "slice of life", "mystery"],
    "pitch_ja": "ひまわり畑の探偵が、町の謎を解く。",
    "pitch_en": "Small riddles, solved beside the sunflowers.",
    "keywords_ja": ["探偵", "ひまわり", "山田花子", "謎解き", "町"],
    "keywords_en": ["detective", "sunflower", "山田花子", "riddle", "town"],
}
PROMPT = render(TITLE, Kind, Language)
PITCH = render(TITLE, [Kind.PITCH], [Language.JA])

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=90)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(), inner, max_size=3),
)
texts = st.text(st.characters(codec="utf-8"), max_size=90)


def answer(**changes: Any) -> str:
    return json.dumps(VALUES | changes, ensure_ascii=False)


def codes(prompt: Prompt, text: str, stop_reason: str = "end_turn") -> list[str]:
    with pytest.raises(BadAnswer) as caught:
        check(prompt, text, stop_reason)
    return [problem.code for problem in caught.value.problems]


def pitch(value: Any) -> str:
    return json.dumps({"pitch_ja": value})


def test_a_good_answer_is_given_by_kind_and_language() -> None:
    values = check(PROMPT, answer(), "end_turn").values
    assert values == {
        kind: {language: VALUES[Field(kind, language).name] for language in Language}
        for kind in Kind
    }


@pytest.mark.parametrize(
    "around", ["{}", "```json\n{}\n```", "はい、こちらです。\n{}\n以上です。", "\n {} \n"]
)
def test_words_and_fences_around_the_object_are_forgiven(around: str) -> None:
    assert check(PROMPT, around.replace("{}", answer()), "end_turn").values


@pytest.mark.parametrize("reason", ["refusal", "guardrail_intervened", "content_filtered"])
def test_a_refusal_is_final(reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check(PROMPT, answer(), reason)


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_cut_answer_is_never_taken_even_if_it_looks_whole(reason: str) -> None:
    assert codes(PROMPT, answer(), reason) == ["truncated"]


@pytest.mark.parametrize("reason", ["tool_use", "pause_turn", "", "something_new"])
def test_an_unexpected_end_is_a_problem(reason: str) -> None:
    assert codes(PROMPT, answer(), reason) == ["unexpected_stop"]


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000"])
def test_no_text_is_a_problem(text: str) -> None:
    assert codes(PROMPT, text) == ["empty"]


@pytest.mark.parametrize(
    "text",
    [
        "I cannot say.",
        '["a"]',
        '{"pitch_ja": "途中',
        '{"pitch_ja": "一", "pitch_ja": "二"}',
        '{"pitch_ja": "一"} {"pitch_ja": "二"}',
        '{"a":' + "[" * 100_000,
        '{"a": ' + "9" * 5_000 + "}",
    ],
)
def test_anything_but_one_json_object_is_a_problem(text: str) -> None:
    assert codes(PITCH, text) == ["not_json"]


@pytest.mark.parametrize(
    "value",
    [None, 5, ["ひまわり"], {"text": "ひまわり"}, [[[]]] * 200],
    ids=lambda value: str(value)[:20],
)
def test_a_text_must_be_a_text(value: Any) -> None:
    assert codes(PITCH, pitch(value)) == ["bad_schema"]


def test_every_breach_of_the_schema_is_told_without_the_values() -> None:
    values = {
        "synopsis_en": "secret",
        "tags_ja": ["a", "b"],
        "pitch_ja": "長" * 81,
        "plot": "secret",
    }
    with pytest.raises(BadAnswer) as caught:
        check(render(TITLE, [Kind.TAGS, Kind.PITCH], [Language.JA]), json.dumps(values), "end_turn")
    assert [problem.detail for problem in caught.value.problems] == [
        "The object has an unknown property: 'plot'.",
        "The object has an unknown property: 'synopsis_en'.",
        "tags_ja has 2 different entries, at least 3 are needed.",
        "pitch_ja has 81 characters, at most 80 are allowed.",
    ]


def test_a_failure_is_named_by_its_first_problem() -> None:
    with pytest.raises(BadAnswer) as caught:
        check(PITCH, pitch("短い"), "end_turn")
    assert caught.value.code == "too_short"
    assert caught.value.message == "pitch_ja has 2 characters, at least 8 are needed."


def test_entries_that_read_the_same_are_merged() -> None:
    tags = ["ミステリー", "ﾐｽﾃﾘｰ", " SF ", "ｓｆ", "探偵"]
    values = check(PROMPT, answer(tags_ja=tags), "end_turn").values
    assert values[Kind.TAGS][Language.JA] == ["ミステリー", "SF", "探偵"]


def test_a_list_of_too_few_different_entries_is_too_short() -> None:
    assert codes(PROMPT, answer(tags_en=["drama", "Drama", "DRAMA"])) == ["too_short"]


def test_texts_are_cleaned() -> None:
    text = " ひまわり\u200b探\x00偵か\u3099、\n町の謎を解く。\u3000"
    values = check(PITCH, pitch(text), "end_turn").values
    assert values[Kind.PITCH][Language.JA] == "ひまわり探偵が、 町の謎を解く。"


def test_length_is_judged_after_cleaning() -> None:
    assert codes(PITCH, pitch("短い" + "\u200b" * 20)) == ["too_short"]


def test_half_a_character_is_a_problem() -> None:
    assert codes(PITCH, '{"pitch_ja": "ひまわり畑の探偵です\\ud83d"}') == ["bad_unicode"]


@pytest.mark.parametrize(
    "markup",
    [
        "<b>",
        "</p>",
        "<script>",
        "[詳細](https://x)",
        "http://x",
        "**必読**",
        "&amp;",
        "&#39;",
        "```",
        "## ",
    ],
)
def test_markup_is_a_problem(markup: str) -> None:
    assert codes(PITCH, pitch(f"ひまわり畑の探偵が{markup}町の謎を解く。")) == ["markup"]


def test_a_title_written_like_markup_may_be_named() -> None:
    assert check(PITCH, pitch(f"『{TITLE.title_jp}』は探偵の物語です。"), "end_turn")


def test_a_name_never_excuses_markup_around_it() -> None:
    prompt = render(TitleFields("C1", "script"), [Kind.PITCH], [Language.JA])
    assert codes(prompt, pitch("ひまわり畑の探偵<script>の物語です。")) == ["markup"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("pitch_ja", "Small riddles beside the sunflowers."),
        ("pitch_ja", "해바라기 밭의 탐정이 수수께끼를 풉니다."),
        ("pitch_ja", "12345678!?"),
        ("synopsis_ja", "向日葵田邊的偵探解開小鎮的謎團" * 5),
        ("synopsis_en", SYNOPSIS),
        ("pitch_en", "探偵が町の謎を解く a riddle"),
        ("tags_en", ["探偵", "日常", "謎解き"]),
        ("keywords_ja", ["detective", "town", "riddle", "flower", "field"]),
    ],
)
def test_the_wrong_language_is_a_problem(field: str, text: Any) -> None:
    assert codes(PROMPT, answer(**{field: text})) == ["wrong_language"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("pitch_ja", "青春群像劇、堂々開幕！"),
        ("pitch_ja", "SF×LOVEの新感覚コメディです。"),
        ("pitch_en", f"“{TITLE.title_jp}” by {TITLE.creator}: a tale of love."),
    ],
)
def test_names_and_headlines_are_in_the_right_language(field: str, text: str) -> None:
    assert check(PROMPT, answer(**{field: text}), "end_turn")


@settings(deadline=None)
@given(st.text() | json_values.map(json.dumps), st.sampled_from(["end_turn", "max_tokens"]))
def test_no_answer_can_do_more_harm_than_be_refused(text: str, stop_reason: str) -> None:
    with pytest.raises(BadAnswer):
        check(PROMPT, text, stop_reason)


@settings(deadline=None)
@given(texts)
def test_a_taken_answer_is_taken_again_unchanged(text: str) -> None:
    try:
        values = check(PITCH, pitch("ひまわり畑の探偵です" + text), "end_turn").values
    except BadAnswer:
        return
    assert check(PITCH, pitch(values[Kind.PITCH][Language.JA]), "end_turn").values == values


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["tags_ja", "pitch_ja", "plot"]),
        json_values | st.lists(st.text(max_size=22), max_size=9),
        max_size=3,
    )
)
def test_the_verdict_is_that_of_a_json_schema_validator(values: dict[str, Any]) -> None:
    kinds, languages = [Kind.TAGS, Kind.PITCH], [Language.JA]
    problems = [*shape_problems(fields(kinds, languages), values)]
    assert (problems == []) is Draft202012Validator(schema(kinds, languages)).is_valid(values)
