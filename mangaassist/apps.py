"""Django's entry for what both flows share."""

from __future__ import annotations

from django.apps import AppConfig


class MangaAssistConfig(AppConfig):
    name = "mangaassist"
    verbose_name = "MangaAssist"

    def ready(self) -> None:
        """Registers the system checks."""
        from mangaassist import checks  # noqa: F401
