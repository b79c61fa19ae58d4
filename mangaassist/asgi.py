"""The ASGI application that uvicorn serves."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
django_application = get_asgi_application()

# Django must be set up before what uses its models.
from mangaassist.body_limit import BodyLimit  # noqa: E402
from mangaassist.lifespan import Lifespan  # noqa: E402

by_protocol = ProtocolTypeRouter(
    {
        "http": import_string(settings.HTTP)(django_application),
        "websocket": import_string(settings.WEBSOCKETS),
    }
)
application = Lifespan(BodyLimit(by_protocol, settings.REQUEST_MAX_BYTES, settings.BODY_LIMITS))
