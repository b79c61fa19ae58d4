"""Routes of the enrichment API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from enrichment.api import JobViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
urlpatterns = router.urls
