"""Budgets of jobs: how many items a job may still send for its money, and the end of it.

What is in flight counts with what the costliest item of the job came to, so that all of it may cost
that much and the job is still within its budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction

from enrichment.effects import Action, possible
from enrichment.jobs import UNTOLD, enter
from enrichment.kinds import Kind
from enrichment.ledger import spending
from enrichment.models import Item, Job
from enrichment.prompts import render
from mangaassist import claude
from mangaassist.language import Language
from mangaassist.tokens import estimate_prompt

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SMALLEST, LARGEST = Decimal("0.01"), Decimal("999999.99")  # USD

log = structlog.get_logger(__name__)


def parse(text: str) -> Decimal | None:
    """A budget in USD as a person writes it; nothing is none. Raises ValueError."""
    if not text.strip():
        return None
    try:
        usd = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
    if not (usd.is_finite() and SMALLEST <= usd <= LARGEST and usd == usd.quantize(SMALLEST)):
        raise ValueError(f"{text!r} is not between {SMALLEST} and {LARGEST} in whole cents")
    return usd


def rooms(jobs: Iterable[Job], outstanding: Mapping[int, int]) -> dict[int, int]:
    """How many more items each of these jobs that has a budget may send; none below zero.

    outstanding: items in flight by job.
    """
    limits = {job.pk: job for job in jobs if job.budget is not None}
    if not limits:
        return {}
    found = {}
    for pk, until_now in spending(limits).items():
        job = limits[pk]
        each = until_now.costliest or _worst(job)
        most = affordable(Decimal(job.budget or 0), until_now.paid, each)
        found[pk] = max(0, most - outstanding.get(pk, 0))
    return found


def affordable(budget: Decimal, paid: Decimal, each: Decimal) -> int:
    """How many items at so much each the rest of a budget pays for."""
    return max(0, int((budget - paid) / each))


def spent(job_id: int) -> Decimal:
    """USD that the items of a job have cost until now."""
    return spending([job_id])[job_id].paid


def hold(job_id: int) -> bool:
    """Pauses an open job that has used its budget up. False when somebody changed it meanwhile."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.PAUSE not in possible(job) or job.budget is None:
            return False
        cost = f"{spent(job_id):.4f}"
        enter(None, "hold", job, {"state": Job.State.PAUSED, "held": True}, {"spent": cost})
    log.warning("job_held", job=job_id, budget=str(job.budget), spent=cost)
    return True


def change(job_id: int, usd: Decimal | None, user: User | None = None) -> bool:
    """Gives a job another budget, or none; one that was held for the old one goes on.

    False when the job has ended, or has this budget.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.BUDGET not in possible(job) or job.budget == usd:
            return False
        going_on: dict[str, Any] = {"held": False, "state": Job.State.OPEN, **UNTOLD}
        enter(user, "budget", job, {"budget": usd, **(going_on if job.held else {})}, {})
    log.info("job_budget_changed", job=job_id, budget=None if usd is None else str(usd))
    return True


def _worst(job: Job) -> Decimal:
    """What one call about the job's last title may cost, while none has been paid for."""
    last: Item | None = job.items.select_related("title").order_by("pk").last()
    if last is None:
        return SMALLEST
    languages = [Language(language) for language in job.languages]
    prompt = render(last.title, [Kind(kind) for kind in job.kinds], languages)
    tokens = estimate_prompt(prompt.system, prompt.messages)
    return claude.find(job.model).cost(tokens, prompt.max_tokens)
