"""What a web process does from its server's start to its end; Django itself is not told."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from mangaassist.body_limit import App, Receive, Scope, Send
from mangaassist.metrics.reporter import Reporter


class Lifespan:
    """ASGI application around another one: reports metrics as long as the server runs."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        await receive()
        reporter = Reporter()
        reporter.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await sync_to_async(reporter.stop)()
        await send({"type": "lifespan.shutdown.complete"})
