"""Tells all tabs of a session what a worker or the keeper did: frames of its thread log."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from django.conf import settings

from chat.follow_ups import titles
from chat.thread import Part, ThreadLog
from chat.turns import Turn


def announce(session_id: str, kind: str, answer: Turn, notice: str = "") -> None:
    """Publishes a frame about an answer. kind: done, late or withdrawn; notice: for the shopper.

    Without Redis nothing is published; the table has the answer, and the page reads it there.
    """
    frame = {
        "type": kind, "of": answer.message_id, "text": answer.text, "turn": answer.number,
        "state": answer.state, **({"notice": notice} if notice else {}),
        **titles(answer.cards, answer.language),
    }  # fmt: skip
    encoded = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    asyncio.run(_append(session_id, encoded, "end" if kind == "done" else "other", frame["of"]))


async def _append(session_id: str, encoded: str, part: Part, of: Any) -> None:
    log = ThreadLog(settings.REDIS_URL)
    try:
        await log.append(session_id, [encoded], part, of)
    finally:
        await log.close()
