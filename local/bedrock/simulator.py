"""The service behind the wire: one call from its validation to its settled quota."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode

from local.bedrock import embedding, validation
from local.bedrock.delivery import Delivery
from local.bedrock.faults import Fault, Faults
from local.bedrock.guardrails import Guardrails, traced
from local.bedrock.latency import Latency
from local.bedrock.models import EMBEDDING_MODELS, Catalogue, Model, bare
from local.bedrock.quota import Quota
from local.bedrock.reply import Size, write
from local.bedrock.stats import Stats
from local.bedrock.wire import STATUS, BedrockError, Exchange, dumps

APPLY_GUARDRAIL = "ApplyGuardrail"
COUNT_TOKENS = "CountTokens"
INVOKE = "InvokeModel"
STREAM = "InvokeModelWithResponseStream"


class Simulator:
    """Holds what the control endpoint sets, and answers calls."""

    def __init__(self, speed: float = 1.0) -> None:
        self.catalogue = Catalogue()
        self.latency = Latency(speed)
        self.quota = Quota()
        self.faults = Faults()
        self.size = Size()
        self.guardrails = Guardrails()
        self.stats = Stats()

    def reset(self) -> None:
        """Clears stats, faults, quota, latency, size and guardrails; ended models stay.

        Calls still in flight end in the counts they began in, which nobody sees any more.
        """
        self.latency.reset()
        self.quota = Quota()
        self.faults.set([])
        self.size = Size()
        self.guardrails.clear()
        self.stats = Stats()

    async def call(self, exchange: Exchange, operation: str, model_id: str, body: bytes) -> None:
        """Answers one call of the API, errors included."""
        try:
            if operation == COUNT_TOKENS:
                await self._count_tokens(exchange, model_id, body)
            else:
                await self._counted(exchange, operation, model_id, body)
        except BedrockError as error:
            await exchange.fail(error)

    async def apply_guardrail(
        self, exchange: Exchange, identifier: str, version: str, body: bytes
    ) -> None:
        """Judges a text without any model."""
        fault = self.faults.pick(APPLY_GUARDRAIL, "", body.decode(errors="replace"))
        try:
            if fault and fault.error:
                raise fault.error
            verdict = self.guardrails.find(identifier, version).judge(body)
            await exchange.respond(200, dumps(verdict))
        except BedrockError as error:
            await exchange.fail(error)

    async def _counted(
        self, exchange: Exchange, operation: str, model_id: str, body: bytes
    ) -> None:
        stats = self.stats
        with stats.call():
            try:
                if operation == INVOKE and (model := EMBEDDING_MODELS.get(model_id)):
                    await self._embed(exchange, stats, model, body)
                else:
                    await self._invoke(exchange, stats, operation, model_id, body)
            except BedrockError as error:
                stats.refused(error.name, STATUS[error.name])
                raise

    async def _invoke(
        self, exchange: Exchange, stats: Stats, operation: str, model_id: str, body: bytes
    ) -> None:
        model = self.catalogue.find(model_id)
        request = validation.parse(body, model)
        prompt = request.prompt
        stats.asked_about(prompt.title_ids)
        guardrail = self.guardrails.of(exchange.headers)
        fault = self.faults.pick(operation, model.id, prompt.text)
        if fault and _comes_first(fault, operation):
            await _fail(fault, exchange)
            return
        quota, reserved = self.quota, prompt.input_tokens + request.max_tokens
        quota.reserve(reserved, time.monotonic())
        reply, size = write(request, fault, self.size.tokens), self.size
        if guardrail:
            reply = guardrail.over(prompt.said, reply, traced=traced(exchange.headers))
        pace = self.latency.pace(model, prompt.input_tokens, len(reply.tokens))
        delivery = Delivery(
            exchange, model, prompt.input_tokens, reply, pace, fault, size.per_event
        )
        try:
            await (delivery.stream() if operation == STREAM else delivery.whole())
        finally:
            used = prompt.input_tokens + delivery.written * model.burndown
            quota.give_back(reserved - used)
            stats.used(prompt.input_tokens, delivery.written)
        stats.answered(200)

    async def _embed(self, exchange: Exchange, stats: Stats, model: Model, body: bytes) -> None:
        request = embedding.parse(body, model)
        used = request.input_tokens
        fault = self.faults.pick(INVOKE, model.id, "\n".join(request.texts))
        if fault and _comes_first(fault, INVOKE):
            await _fail(fault, exchange)
            return
        self.quota.reserve(used, time.monotonic())
        pace = self.latency.pace(model, used, 0)
        await asyncio.sleep(pace.due(0) + (fault.seconds if fault else 0))
        headers = {"x-amzn-bedrock-input-token-count": str(used)}
        await exchange.respond(200, dumps(request.answer(exchange.request_id)), headers)
        stats.used(used, 0)
        stats.answered(200)

    async def _count_tokens(self, exchange: Exchange, model_id: str, body: bytes) -> None:
        if bare(model_id) != model_id:
            validation.refuse("The provided model doesn't support counting tokens.")
        model = self.catalogue.find(model_id)
        prompt = validation.parse(_inner_body(body), model).prompt
        fault = self.faults.pick(COUNT_TOKENS, model.id, prompt.text)
        if fault and _comes_first(fault, COUNT_TOKENS):
            await _fail(fault, exchange)
            return
        await asyncio.sleep(fault.seconds if fault else 0)
        await exchange.respond(200, dumps({"inputTokens": prompt.input_tokens}))


def _comes_first(fault: Fault, operation: str) -> bool:
    """Whether the fault strikes before an answer; only a stream can break inside one."""
    breaks_inside = operation == STREAM and fault.at_token is not None
    return (fault.error is not None or fault.fault == "hang") and not breaks_inside


async def _fail(fault: Fault, exchange: Exchange) -> None:
    if fault.error:
        raise fault.error
    await exchange.disconnected()


def _inner_body(body: bytes) -> bytes:
    """The InvokeModel body inside a CountTokens request."""
    try:
        return b64decode(json.loads(body)["input"]["invokeModel"]["body"], validate=True)
    except (ValueError, KeyError, TypeError):
        validation.refuse("input.invokeModel.body: Field required")
