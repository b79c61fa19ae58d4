"""The ASGI application that uvicorn serves."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from mangaassist.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
application = BodyLimit(get_asgi_application(), settings.REQUEST_MAX_BYTES, settings.BODY_LIMITS)
