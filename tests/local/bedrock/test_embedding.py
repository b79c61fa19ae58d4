from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.bedrock.themes import themes
from tests.local.bedrock.conftest import Bedrock, Control

TITAN = "amazon.titan-embed-text-v2:0"
COHERE = "cohere.embed-multilingual-v3"


def embed(bedrock: Bedrock, model: str, **body: Any) -> dict[str, Any]:
    response = bedrock.client.invoke_model(modelId=model, body=json.dumps(body))
    answer: dict[str, Any] = json.loads(response["body"].read())
    return answer


def nearness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("dimensions", [256, 512, 1_024])
def test_titan_answers_a_unit_vector(bedrock: Bedrock, dimensions: int) -> None:
    answer = embed(bedrock, TITAN, inputText="進撃の巨人", dimensions=dimensions)

    assert len(answer["embedding"]) == dimensions
    assert nearness(answer["embedding"], answer["embedding"]) == pytest.approx(1)
    assert answer["inputTextTokenCount"] == 5


def test_cohere_puts_like_texts_near(bedrock: Bedrock) -> None:
    texts = ["進撃の巨人", "進撃の巨人 1", "鬼滅の刃"]
    answer = embed(bedrock, COHERE, texts=texts, input_type="search_document")

    one, like, unlike = answer["embeddings"]
    assert nearness(one, like) > nearness(one, unlike)
    assert answer["texts"] == texts


def test_words_of_one_theme_are_near_in_any_language(bedrock: Bedrock) -> None:
    texts = ["料理", "グルメ漫画", "cooking manga", "バスケ", "harbours"]
    answer = embed(bedrock, COHERE, texts=texts, input_type="search_query")

    one, *alike, other, without_theme = answer["embeddings"]
    assert min(nearness(one, vector) for vector in alike) > 0.6
    assert max(nearness(one, other), nearness(one, without_theme)) < 0.2


def test_an_english_word_is_no_part_of_another() -> None:
    assert (themes("catsuit spaceship"), themes("two cats in space")) == (
        [],
        ["science fiction", "animals"],
    )


def test_more_texts_than_a_call_takes_are_refused(bedrock: Bedrock) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        embed(bedrock, COHERE, texts=["本"] * 97, input_type="search_query")


def test_an_embedding_obeys_faults_and_is_counted(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="ThrottlingException", model=TITAN, times=1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        embed(bedrock, TITAN, inputText="本")
    embed(bedrock, TITAN, inputText="本")

    stats = control.get("stats")
    assert (stats["calls"], stats["throttled"], stats["input_tokens"]) == (2, 1, 1)


def test_a_fault_of_a_text_is_not_used_up_by_an_embedding(
    bedrock: Bedrock, control: Control
) -> None:
    control.fault(fault="stop_reason", value="refusal", times=1)
    embed(bedrock, TITAN, inputText="本")

    assert bedrock.invoke("本")["stop_reason"] == "refusal"
