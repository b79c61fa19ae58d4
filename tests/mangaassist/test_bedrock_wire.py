"""Calls of models go over the wire as boto3 would send them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from mangaassist import claude
from mangaassist.bedrock_wire import WHOLE, request_id, sent
from tests.simulator import Simulator

BODY = json.dumps({
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 8,
    "messages": [{"role": "user", "content": "Hi"}],
}).encode()  # fmt: skip


def test_an_answer_has_the_id_that_support_asks_for(simulator: Simulator) -> None:
    with sent(WHOLE, claude.HAIKU_45, BODY, 5.0, {}) as answer:
        assert request_id(answer)


def test_a_model_that_does_not_exist_is_refused(simulator: Simulator) -> None:
    call = sent(WHOLE, "anthropic.claude-of-tomorrow", BODY, 5.0, {})
    with pytest.raises(ClientError, match="ValidationException"), call:
        pass
