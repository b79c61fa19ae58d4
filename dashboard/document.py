"""A snapshot as JSON; each measured number has its source and its age in seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from dashboard.jobs import JobLine
from dashboard.snapshot import AlarmLine, PoolLine, QueueLine, Reading, Snapshot
from dashboard.verdict import Verdict

Read = Callable[[Reading | None], dict[str, Any] | None]


def document(snapshot: Snapshot) -> dict[str, Any]:
    reading = partial(_reading, snapshot.at)
    return {
        "at": snapshot.at.isoformat(),
        "verdict": _verdict(snapshot.verdict),
        "items": {"total": snapshot.total, "by_state": dict(snapshot.items), "source": "database"},
        "jobs": [_job(job) for job in snapshot.jobs],
        "pools": [_pool(pool, reading) for pool in snapshot.pools],
        "queues": [_queue(queue, reading) for queue in snapshot.queues],
        "limiter": {model: reading(factor) for model, factor in snapshot.factors.items()},
        "window": reading(snapshot.window),
        "outstanding": reading(snapshot.outstanding),
        "alarms": [_alarm(alarm) for alarm in snapshot.alarms],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    reasons = [
        {"level": reason.level, "ja": reason.text.ja, "en": reason.text.en}
        for reason in verdict.reasons
    ]
    return {"level": verdict.level, "reasons": reasons}


def _job(job: JobLine) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state,
        "total": job.total,
        "by_state": dict(job.by_state),
        "rate": round(job.rate, 3),
        "eta": None if job.eta is None else round(job.eta, 1),
        "cost": str(job.cost),
        "budget": None if job.budget is None else str(job.budget),
        "held": "budget" if job.held else "",
    }


def _pool(pool: PoolLine, reading: Read) -> dict[str, Any]:
    return {
        "name": pool.name,
        "processes": pool.processes,
        "in_use": pool.in_use,
        "permits": pool.permits,
        "reserved": pool.reserved,
        "backlog": reading(pool.backlog),
        "blocked": pool.blocked,
    }


def _queue(queue: QueueLine, reading: Read) -> dict[str, Any]:
    return {
        "name": queue.name,
        "waiting": reading(queue.waiting),
        "in_flight": reading(queue.in_flight),
        "dead_letters": reading(queue.dead_letters),
        "oldest_seconds": reading(queue.oldest),
    }


def _alarm(alarm: AlarmLine) -> dict[str, Any]:
    return {
        "name": alarm.name,
        "severity": alarm.severity,
        "since": alarm.since.isoformat(),
        "value": alarm.value,
        "rings": alarm.threshold,
    }


def _reading(now: datetime, reading: Reading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {"value": reading.value, "source": reading.source, "age": reading.age(now)}
