"""Django's entry for the enrichment flow."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from enrichment import roles


class EnrichmentConfig(AppConfig):
    name = "enrichment"
    verbose_name = "Enrichment"

    def ready(self) -> None:
        """Makes the roles once Django has made the permissions they consist of."""
        post_migrate.connect(roles.make_groups, sender=self, dispatch_uid="enrichment_roles")
