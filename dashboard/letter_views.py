"""The pages of dead letters: look, choose, see what would happen, and order it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib.admin.views.decorators import staff_member_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import actor, looking, operates, operating
from dashboard.forms import number, once, plain
from dashboard.letter_texts import WORDS
from dashboard.letters import Shown, described
from dashboard.shell import language_of, show
from dashboard.texts import in_
from dashboard.times import spell
from mangaassist import letters as orders
from mangaassist.api.idempotency import first_time
from mangaassist.broker import letters
from mangaassist.errors import Failure
from mangaassist.models import LetterOrder
from mangaassist.pools import WORKER_POOLS
from mangaassist.resources import Queue

SHOWN, ORDERS = 50, 10
MOST, RATE = 100, 60  # that a form proposes
Action = LetterOrder.Action


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest, pool: str) -> HttpResponse:
    """The letters of one queue, and what was ordered about them."""
    queue, own = _queue(pool), _own(request)
    context: dict[str, Any] = {
        "own": own, "pool": pool, "queue": queue, "may_act": operates(request),
        "what": own["what"].format(receives=queue.max_receives),
        "orders": LetterOrder.objects.filter(dead_letters=queue.dead_letters).order_by("-pk")[
            :ORDERS
        ],
        "most": MOST, "rate": RATE, "limit": orders.MOST, "fastest": orders.FASTEST,
    }  # fmt: skip
    try:
        found = letters.look(queue.dead_letters, SHOWN)
        context["letters"] = described(found)
        if groups := letters.cut(found):
            context["cut"] = own["cut"].format(groups=", ".join(groups))
        numbers = {"count": letters.count(queue.dead_letters), "shown": len(context["letters"])}
        context["counted"] = own["shown"].format_map(numbers)
    except Failure as failure:
        context["away"] = own["away"].format(cause=f"{failure.code}: {failure.message}")
    return show(request, "dashboard/letters.html", "queues", context)


@staff_member_required
@operating
@require_POST
def wish(request: HttpRequest, pool: str) -> HttpResponse:
    """What an order would do; with `sure`, begins it, once."""
    queue, own, asked = _queue(pool), _own(request), request.POST
    action = Action.DELETE if asked.get("do") == "delete" else Action.REDRIVE
    ids = [plain(text) for text in asked.getlist("id")[:SHOWN]]
    if not ids and asked.get("do") != "redrive_any":
        return HttpResponseRedirect(f"{_address(pool)}?nothing=1")
    most = len(ids) or number(asked, "most", MOST, highest=orders.MOST)
    rate = orders.FASTEST if ids else number(asked, "rate", RATE, highest=orders.FASTEST)
    if asked.get("sure"):
        user = actor(request)
        with transaction.atomic():
            if first_time(user, f"dashboard {once(asked)}"):
                orders.order(
                    user, action, queue.name, queue.dead_letters, most=most, rate=rate, ids=ids
                )
        return HttpResponseRedirect(f"{_address(pool)}#orders")
    context = {
        "own": own, "pool": pool, "do": asked.get("do"), "ids": ids, "most": most, "rate": rate,
        "deletes": action is Action.DELETE, "once": uuid4(),
    }  # fmt: skip
    names = {"dead": queue.dead_letters, "queue": queue.name, "most": most, "rate": rate}
    names["time"] = spell(max(1, 60 * most / rate), language_of(request))
    context["would"] = own[f"would_{action.value}"].format_map(names)
    try:
        context["of_those"] = own["of_those"].format_map(_seen(queue, ids, most))
    except Failure as failure:
        context["of_those"] = own["away"].format(cause=f"{failure.code}: {failure.message}")
    return show(request, "dashboard/letters_sure.html", "queues", context)


@staff_member_required
@operating
@require_POST
def stop(request: HttpRequest, pool: str, order_id: int) -> HttpResponse:
    """Lets an order do nothing more."""
    orders.stop(actor(request), order_id)
    return HttpResponseRedirect(f"{_address(pool)}#orders")


def _seen(queue: Queue, ids: list[str], most: int) -> Mapping[str, int]:
    found: list[Shown] = described(letters.look(queue.dead_letters, SHOWN))
    meant = [one for one in found if one.letter.id in ids] if ids else found[:most]
    return {"seen": len(meant), "outdated": sum(one.outdated is True for one in meant)}


def _queue(pool: str) -> Queue:
    if pool not in WORKER_POOLS:
        raise Http404(pool)
    return WORKER_POOLS[pool].queue


def _address(pool: str) -> str:
    return reverse("dashboard:letters", args=[pool])


def _own(request: HttpRequest) -> dict[str, str]:
    return {name: in_(language_of(request), text) for name, text in WORDS.items()}
