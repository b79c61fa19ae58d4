"""What staff order to be done with dead letters, and the keeper's duty that does it step by step.

Nothing is lost on the way: a letter is deleted only after its queue has it again, or when somebody
has chosen this very one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from mangaassist import audit
from mangaassist.broker import letters
from mangaassist.broker.letters import Letter
from mangaassist.errors import Failure
from mangaassist.models import LetterOrder

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST, FASTEST = 10_000, 240  # letters of one order, and how many of them a minute
AT_ONCE = 10  # letters of one step; the keeper takes one every two seconds, and its time
SEARCHED = 500  # letters among which chosen ones are looked for
PATIENCE = timedelta(seconds=90)  # for letters that somebody else holds at the moment

log = structlog.get_logger(__name__)


def order(
    user: User, action: LetterOrder.Action, queue: str, dead_letters: str,
    *, most: int, rate: int, ids: Sequence[str] = (),
) -> LetterOrder:  # fmt: skip
    """Begins an order: at most so many letters, so many a minute; ids: only these, else any.

    Raises ValueError for an order to delete what nobody has chosen.
    """
    if action is LetterOrder.Action.DELETE and not ids:
        raise ValueError("Only chosen letters are deleted.")
    with transaction.atomic():
        made = LetterOrder.objects.create(
            action=action, queue=queue, dead_letters=dead_letters, ids=list(ids),
            most=min(most, MOST, len(ids) or MOST), rate=min(rate, FASTEST),
            user_name=user.get_username(),
        )  # fmt: skip
        facts = {"queue": dead_letters, "most": made.most, "rate": made.rate, "ids": made.ids}
        audit.record(user, action.value, made, after=facts)
    return made


def stop(user: User, order_id: int) -> bool:
    """Lets an order do nothing more; what it did stays done. False when it has ended."""
    with transaction.atomic():
        found = LetterOrder.objects.select_for_update().filter(pk=order_id, ended_at=None).first()
        if found is None:
            return False
        _end(found, timezone.now())
        audit.record(user, "stop", found, after={"done": found.done})
    return True


def carry_out(now: datetime | None = None) -> int:
    """Keeper duty: one step of each order that no other keeper is at; how many letters.

    A failure of SQS is written to its order, which is tried again, and holds up no other one.
    """
    now = now or timezone.now()
    still_open = LetterOrder.objects.filter(ended_at=None).order_by("pk")
    return sum(_carry_out(pk, now) for pk in still_open.values_list("pk", flat=True))


@transaction.atomic
def _carry_out(order_id: int, now: datetime) -> int:
    orders = LetterOrder.objects.select_for_update(skip_locked=True)
    found = orders.filter(pk=order_id, ended_at=None).first()
    if found is None:
        return 0
    before = found.done
    try:
        _step(found, now)
    except Failure as failure:
        found.cause = f"{failure.code}: {failure.message}"
        log.warning("letters_not_carried_out", order=found.pk, cause=found.cause)
    found.save()
    return found.done - before


def _step(order: LetterOrder, now: datetime) -> None:
    due = int((now - order.created_at).total_seconds() * order.rate / 60) + 1
    wanted = min(AT_ONCE, order.most - order.done, due - order.done)
    if wanted <= 0:
        return
    left = _take(order, wanted)
    if not left and _is_over(order, now):
        _end(order, now)
    try:
        while left:
            _settle(order, left[0])
            order.done, order.moved_at, order.cause = order.done + 1, now, ""
            left.pop(0)
    except Failure:
        letters.put_back(order.dead_letters, left)
        raise
    if order.done >= order.most:
        _end(order, now)


def _take(order: LetterOrder, wanted: int) -> list[Letter]:
    if not order.ids:
        return letters.take(order.dead_letters, wanted)
    found = letters.take(order.dead_letters, SEARCHED)
    chosen, others = letters.named(found, order.ids)
    letters.put_back(order.dead_letters, [*others, *chosen[wanted:]])
    return chosen[:wanted]


def _settle(order: LetterOrder, letter: Letter) -> None:
    if order.action == LetterOrder.Action.REDRIVE:
        letters.send_back(order.queue, letter, f"redrive:{order.pk}")
    letters.delete(order.dead_letters, letter)


def _is_over(order: LetterOrder, now: datetime) -> bool:
    """Whether nothing is left, or what is left has not shown itself for long."""
    waited = now - (order.moved_at or order.created_at)
    return waited > PATIENCE or not letters.count(order.dead_letters)


def _end(order: LetterOrder, now: datetime) -> None:
    order.ended_at = now
    order.save(update_fields=["ended_at"])
    log.info("letters_carried_out", order=order.pk, action=order.action, done=order.done)
