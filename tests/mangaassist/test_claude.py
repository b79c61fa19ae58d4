"""The models as data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mangaassist import claude
from mangaassist.claude import HAIKU_3, HAIKU_45, MODELS, SONNET_46, Model, find


@pytest.mark.parametrize("geography", ["", "us.", "eu.", "jp.", "au.", "apac.", "global."])
def test_a_model_is_found_with_and_without_a_geography(geography: str) -> None:
    assert find(geography + HAIKU_45).id == HAIKU_45


@pytest.mark.parametrize("model_id", ["", "gpt", "mars.anthropic.claude-sonnet-4-6"])
def test_an_unknown_model_is_not_found(model_id: str) -> None:
    with pytest.raises(KeyError):
        find(model_id)


def test_a_call_costs_its_tokens_at_the_price_per_million() -> None:
    assert find(SONNET_46).cost(1_000, 2_000) == Decimal("0.033")


def test_a_model_has_ended_from_its_last_day_on() -> None:
    model = find(HAIKU_3)
    assert model.end_of_life is not None
    before = model.end_of_life.replace(day=model.end_of_life.day - 1)
    assert [model.ended(before), model.ended(model.end_of_life)] == [False, True]


def test_a_model_without_an_end_never_ends() -> None:
    assert not find(HAIKU_45).ended(date.max)


@pytest.mark.parametrize("model", [model for model in MODELS.values() if model.successor], ids=str)
def test_a_successor_is_a_known_model_of_the_same_tier(model: Model) -> None:
    assert find(model.successor or "").tier == model.tier


def test_every_ended_model_has_a_successor() -> None:
    assert all(model.successor for model in MODELS.values() if model.end_of_life)


def test_the_default_model_of_enrichment_is_alive() -> None:
    from django.conf import settings

    assert not claude.find(settings.ENRICHMENT_MODEL).ended(date.max)
