"""What a web process does from its server's start to its end; Django itself is not told."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.conf import settings

from mangaassist import activity
from mangaassist.body_limit import App, Receive, Scope, Send
from mangaassist.keeper import Keeper
from mangaassist.metrics.reporter import Reporter
from mangaassist.pools import WEBSOCKET


class Lifespan:
    """ASGI application around another one: reports metrics and evaluates alarms while it runs."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        activity.begin(WEBSOCKET.name, settings.WEB_SLOTS * WEBSOCKET.parallel)
        reporter, alarms = Reporter(), Keeper.of(settings.ALARM_DUTIES)
        reporter.start()
        alarms.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await sync_to_async(alarms.stop)()
        await sync_to_async(reporter.stop)()
        await send({"type": "lifespan.shutdown.complete"})
