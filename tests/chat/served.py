"""The application of a web process whose chat is the tests' own conversation."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
django.setup()

from chat.routing import chat, websockets  # noqa: E402
from mangaassist.lifespan import Lifespan  # noqa: E402
from tests.chat.talking import Talk  # noqa: E402

application = Lifespan(websockets(chat(Talk())))
