"""What a web process does from its server's start to its end; Django itself is not told."""

from __future__ import annotations

import gc
import threading

from asgiref.sync import sync_to_async
from django.conf import settings

from mangaassist import activity, presence
from mangaassist.body_limit import App, Receive, Scope, Send
from mangaassist.draining import Draining
from mangaassist.keeper import Keeper
from mangaassist.metrics.reporter import Reporter
from mangaassist.pools import WEBSOCKET

GARBAGE = 10_000  # objects between two looks for cycles; Python's 700 are a few messages


class Lifespan:
    """ASGI application around another one.

    While it runs it works for the websocket pool, reports metrics and evaluates alarms; before its
    server stops it drains.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        activity.begin(WEBSOCKET.name, settings.WEB_SLOTS * WEBSOCKET.parallel)
        draining = Draining()
        # Whoever is asked over HTTP finds it in the scope of the request.
        scope.setdefault("state", {})["draining"] = draining
        if threading.current_thread() is threading.main_thread():
            draining.install()
        reporter, duties = Reporter(), Keeper.of(settings.WEB_DUTIES)
        reporter.start()
        duties.start()
        # What is there now stays for good, and need not be looked at while somebody waits.
        gc.freeze()
        gc.set_threshold(GARBAGE)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await draining.finish()
        await sync_to_async(duties.stop)()
        await sync_to_async(presence.leave)()
        await sync_to_async(reporter.stop)()
        await send({"type": "lifespan.shutdown.complete"})
