"""Tells all tabs of a session what a worker or the keeper did: frames of its thread log."""

from __future__ import annotations

import asyncio
import json

import structlog
from django.conf import settings

from chat.follow_ups import titles
from chat.thread import Part, ThreadLog
from chat.turns import Turn
from mangaassist import metrics

TRIES, PAUSE = 3, 0.5  # seconds between them; a worker has time, and a shopper waits

log = structlog.get_logger(__name__)


def announce(session_id: str, kind: str, answer: Turn, notice: str = "") -> None:
    """Publishes a frame about an answer. kind: done, late or withdrawn; notice: for the shopper.

    Without Redis nothing is published; the table has the answer, and the page reads it there when
    it is loaded again.
    """
    frame = {
        "type": kind, "of": answer.message_id, "text": answer.text, "turn": answer.number,
        "state": answer.state, **({"notice": notice} if notice else {}),
        **titles(answer.cards, answer.language),
    }  # fmt: skip
    encoded = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    part: Part = "end" if kind == "done" else "other"
    if not asyncio.run(_is_taken(session_id, encoded, part, answer.message_id)):
        log.warning("frame_not_announced", kind=kind, session=session_id)
        metrics.WS_NOT_ANNOUNCED.record(Kind=kind)


async def _is_taken(session_id: str, encoded: str, part: Part, of: str) -> bool:
    """Whether Redis has the frame. One that it took without saying so in time may come twice."""
    thread = ThreadLog(settings.REDIS_URL)
    try:
        for again in range(TRIES):
            await asyncio.sleep(PAUSE * bool(again))
            if await thread.append(session_id, [encoded], part, of) is not None:
                return True
        return False
    finally:
        thread.close()
