"""What can be asked for, and the schema that says so."""

from __future__ import annotations

import itertools

import pytest
from jsonschema import Draft202012Validator

from enrichment.kinds import LIMITS, Kind, fields, schema
from mangaassist.language import Language


def test_every_kind_has_limits_in_every_language() -> None:
    assert set(LIMITS) == set(itertools.product(Kind, Language))


def test_the_schema_is_a_valid_json_schema() -> None:
    Draft202012Validator.check_schema(schema(Kind, Language))


def test_the_schema_requires_exactly_the_fields_asked_for() -> None:
    found = schema([Kind.PITCH, Kind.TAGS], [Language.JA])
    assert found["required"] == [*found["properties"]] == ["tags_ja", "pitch_ja"]
    assert found["additionalProperties"] is False


def test_the_schema_bounds_texts_and_lists() -> None:
    properties = schema([Kind.SYNOPSIS, Kind.TAGS], [Language.JA])["properties"]
    assert properties["synopsis_ja"] == {"type": "string", "minLength": 60, "maxLength": 400}
    assert properties["tags_ja"] == {
        "type": "array",
        "minItems": 3,
        "maxItems": 8,
        "uniqueItems": True,
        "items": {"type": "string", "minLength": 1, "maxLength": 20},
    }


def test_the_order_asked_for_does_not_matter() -> None:
    assert fields([Kind.TAGS, Kind.PITCH, Kind.TAGS], [Language.EN, Language.JA]) == fields(
        [Kind.PITCH, Kind.TAGS], [Language.JA, Language.EN]
    )


def test_plain_strings_from_a_database_will_do() -> None:
    assert fields(["tags"], ["en"]) == fields([Kind.TAGS], [Language.EN])  # type: ignore[list-item]


@pytest.mark.parametrize(("kinds", "languages"), [([], ["ja"]), (["tags"], []), (["plot"], ["ja"])])
def test_asking_for_nothing_or_the_unknown_is_an_error(
    kinds: list[Kind], languages: list[Language]
) -> None:
    with pytest.raises(ValueError, match=r"Ask for at least|not a valid Kind"):
        fields(kinds, languages)
