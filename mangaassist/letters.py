"""What staff order to be done with dead letters, and the keeper's duty that does it step by step.

Nothing is lost on the way: a letter is deleted only after its queue has it again, or when somebody
has chosen this very one. And nothing is done twice: the ids of the letters are noted before SQS is
asked, and counted until it is known what became of them. No transaction is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q
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
LEASE = timedelta(seconds=60)  # within which a keeper ends its step, or another one does
PATIENCE = timedelta(seconds=90)  # for letters that somebody else holds at the moment
UNSETTLED = Q(ended_at=None) | ~Q(moving=[])  # A stopped order may have letters in doubt.

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
        found.save(update_fields=["ended_at"])
        audit.record(user, "stop", found, after={"done": found.done})
    return True


def carry_out(now: datetime | None = None) -> int:
    """Keeper duty: one step of each order that no other keeper is at; how many letters.

    A failure of SQS is written to its order, which is tried again, and holds up no other one.
    """
    now = now or timezone.now()
    unsettled = LetterOrder.objects.filter(UNSETTLED).order_by("pk")
    return sum(_carry_out(pk, now) for pk in unsettled.values_list("pk", flat=True))


def _carry_out(order_id: int, now: datetime) -> int:
    found = _claim(order_id)
    if found is None:
        return 0
    before = found.done
    try:
        _step(found, now)
    except Failure as failure:
        found.cause = f"{failure.code}: {failure.message}"
        log.warning("letters_not_carried_out", order=found.pk, cause=found.cause)
    if found.done >= found.most and found.ended_at is None:
        _end(found, now)
    _write(found, taken_until=None)
    return found.done - before


def _claim(order_id: int) -> LetterOrder | None:
    """The order for one step of ours; None when it is settled or another keeper is at it."""
    free = Q(taken_until=None) | Q(taken_until__lt=timezone.now())
    until = timezone.now() + LEASE
    orders = LetterOrder.objects.filter(UNSETTLED, free, pk=order_id)
    return LetterOrder.objects.get(pk=order_id) if orders.update(taken_until=until) else None


def _write(order: LetterOrder, **more: datetime | None) -> bool:
    """Writes how far an order is. False when another keeper has it by now, which knows better."""
    ended = {} if order.ended_at is None else {"ended_at": order.ended_at}  # Staff may have too.
    mine = LetterOrder.objects.filter(pk=order.pk, taken_until=order.taken_until)
    return bool(mine.update(
        done=order.done, moving=order.moving, moved_at=order.moved_at, cause=order.cause,
        **ended, **more,
    ))  # fmt: skip


def _step(order: LetterOrder, now: datetime) -> None:
    if order.moving:
        _clear_up(order, now)
        return
    due = int((now - order.created_at).total_seconds() * order.rate / 60) + 1
    wanted = min(AT_ONCE, order.most - order.done, due - order.done)
    if wanted <= 0:
        return
    taken = _take(order, wanted)
    if not taken and _is_over(order, now):
        _end(order, now)
    if not taken:
        return
    order.moving, order.moved_at = [letter.id for letter in taken], now
    if _write(order):
        _move(order, taken, now)
    else:
        letters.put_back(order.dead_letters, taken)


def _clear_up(order: LetterOrder, now: datetime) -> None:
    """Ends what a keeper began that died, or whose SQS failed.

    A letter that is still there is moved, unless the order was stopped: SQS drops what it had got
    already. One that has gone was moved.
    """
    found, others = letters.named(letters.take(order.dead_letters, SEARCHED), order.moving)
    begun = order.moved_at or order.created_at
    if order.ended_at is None:
        letters.put_back(order.dead_letters, others)
        _move(order, found, now)
    else:
        letters.put_back(order.dead_letters, [*others, *found])
        there = {letter.id for letter in found}
        order.moving = [one for one in order.moving if one not in there]
    if now - begun > PATIENCE:
        order.done, order.moving = order.done + len(order.moving), []


def _take(order: LetterOrder, wanted: int) -> list[Letter]:
    if not order.ids:
        return letters.take(order.dead_letters, wanted)
    found = letters.take(order.dead_letters, SEARCHED)
    chosen, others = letters.named(found, order.ids)
    letters.put_back(order.dead_letters, [*others, *chosen[wanted:]])
    return chosen[:wanted]


def _move(order: LetterOrder, taken: Sequence[Letter], now: datetime) -> None:
    """Moves letters that are noted. Nobody knows of the one that fails whether SQS has it."""
    for place, letter in enumerate(taken):
        try:
            if order.action == LetterOrder.Action.REDRIVE:
                letters.send_back(order.queue, letter, f"redrive:{order.pk}")
            letters.delete(order.dead_letters, letter)
        except Failure:
            untouched = {one.id for one in taken[place + 1 :]}
            order.moving = [one for one in order.moving if one not in untouched]
            letters.put_back(order.dead_letters, taken[place:])
            raise
        order.moving.remove(letter.id)
        order.done, order.moved_at, order.cause = order.done + 1, now, ""


def _is_over(order: LetterOrder, now: datetime) -> bool:
    """Whether nothing is left, or what is left has not shown itself for long."""
    waited = now - (order.moved_at or order.created_at)
    return waited > PATIENCE or not letters.count(order.dead_letters)


def _end(order: LetterOrder, now: datetime) -> None:
    order.ended_at = now
    log.info("letters_carried_out", order=order.pk, action=order.action, done=order.done)
