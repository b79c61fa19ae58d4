"""The application of a web process whose chat is the tests' own conversation."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
http = get_asgi_application()

from chat.gateway import Gateway  # noqa: E402
from chat.routing import chat, websockets  # noqa: E402
from mangaassist import draining  # noqa: E402
from mangaassist.lifespan import Lifespan  # noqa: E402
from tests.chat.talking import Talk  # noqa: E402

chats = websockets(chat(Talk()))
gateway = Gateway(chats, http)
draining.drains.append(gateway.drain)
application = Lifespan(ProtocolTypeRouter({"http": gateway, "websocket": chats}))
