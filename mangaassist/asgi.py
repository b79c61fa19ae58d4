"""The ASGI application that uvicorn serves."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
django_application = get_asgi_application()

# Django must be set up before what uses its models.
from mangaassist.body_limit import BodyLimit  # noqa: E402
from mangaassist.lifespan import Lifespan  # noqa: E402

application = Lifespan(
    BodyLimit(django_application, settings.REQUEST_MAX_BYTES, settings.BODY_LIMITS)
)
