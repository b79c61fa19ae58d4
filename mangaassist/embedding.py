"""Vectors of texts, by an embedding model on Amazon Bedrock: texts that mean the same are near."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from mangaassist import bedrock_wire, limiter, metrics
from mangaassist.bedrock_call import failure, measured
from mangaassist.bedrock_wire import WHOLE
from mangaassist.errors import Temporary
from mangaassist.pools import Pool
from mangaassist.tokens import estimate_tokens

MODEL = "cohere.embed-multilingual-v3"  # Another one needs another mapping and a reindex.
DIMENSIONS = 1_024
MOST_TEXTS = 96  # of one call
PRICE = 0.10  # USD per million tokens
LEASE = 1.5  # of the read timeout; then the permit of a process that was killed is free again
REMEMBERED = 500  # questions, since people ask the same again
DECIMALS = 9  # of a question's vector, for an index of 32 bits a number
QUESTION_WITHIN = 5.0  # seconds for the limiter and for the answer; nobody needs it any later
USED = "x-amzn-bedrock-input-token-count"

Vector = tuple[float, ...]
Written = str  # a vector as JSON, which is smaller, and wanted again and again
_asked: dict[str, Written] = {}
_coming: dict[str, Future[Written]] = {}
_lock = threading.Lock()
_threads = ThreadPoolExecutor(8, thread_name_prefix="vector")


def of_titles(texts: Sequence[str], *, pool: Pool, patience: float, within: float) -> list[Vector]:
    """Unit vectors of up to MOST_TEXTS texts that are to be found.

    patience: seconds for the limiter; within: seconds for the answer. Raises a Failure.
    """
    return _ask(texts, "search_document", pool, patience, within)


def known(text: str) -> Written | None:
    """The vector of a question that somebody asked not long ago."""
    return _asked.get(text)


def of_question(text: str, *, pool: Pool, within: float) -> Written:
    """The unit vector of a text that titles are to be found for, in so many seconds.

    One that comes later is there for whoever asks the same again. Raises a Failure.
    """
    with _lock:
        if text in _asked:
            return _asked[text]
        if text not in _coming:
            _coming[text] = _threads.submit(_remember, text, pool)
        coming = _coming[text]
    try:
        return coming.result(within)
    except TimeoutError as error:
        raise Temporary("vector_late", f"{MODEL} takes longer than {within:.2f} s.") from error


def _remember(text: str, pool: Pool) -> Written:
    try:
        within = QUESTION_WITHIN
        [vector] = _ask([text], "search_query", pool, within, within, hasty=True)
        written = f"[{','.join([f'{value:.{DECIMALS}f}' for value in vector])}]"
        with _lock:
            while len(_asked) >= REMEMBERED:
                _asked.pop(next(iter(_asked)))
            _asked[text] = written
        return written
    finally:
        with _lock:
            _coming.pop(text, None)


def _ask(
    texts: Sequence[str], purpose: str, pool: Pool, patience: float, within: float,
    hasty: bool = False,
) -> list[Vector]:  # fmt: skip
    reserved = sum(map(estimate_tokens, texts))
    body = {"texts": list(texts), "input_type": purpose, "truncate": "END"}
    with limiter.permit(
        MODEL, pool, reserved, lease=LEASE * within, patience=patience, hasty=hasty
    ) as permit:
        with measured(MODEL, pool):
            answer, used = _call(json.dumps(body, ensure_ascii=False).encode(), within)
        permit.settle(used)
    where = {"ModelId": MODEL, "Pool": pool.name}
    metrics.INPUT_TOKENS.record(used, **where)
    metrics.COST_USD.record(used * PRICE / 1_000_000, **where)
    return vectors(answer, len(texts))


def _call(body: bytes, within: float) -> tuple[bytes, int]:
    """The answer and how many tokens it is billed for."""
    try:
        with bedrock_wire.sent(WHOLE, MODEL, body, within, {}) as answer:
            return answer.whole(), int(answer.headers[USED])
    except Exception as error:
        raise failure(error, "bedrock:InvokeModel", MODEL) from error


def vectors(answer: bytes, wanted: int) -> list[Vector]:
    """What an answer of the model holds. Raises Temporary for anything but so many vectors."""
    try:
        found = [_unit(vector) for vector in json.loads(answer)["embeddings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Temporary("malformed_response", f"{MODEL} gave no vectors: {error}") from error
    if [len(vector) for vector in found] != [DIMENSIONS] * wanted:
        raise Temporary("malformed_response", f"{MODEL} gave other vectors than were asked for.")
    return found


def _unit(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector) or 1.0
    return tuple(value / length for value in vector)
