"""Routes of the enrichment API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from enrichment.api.jobs import JobViewSet
from enrichment.api.releases import ReleaseViewSet

router = SimpleRouter()
router.register("releases", ReleaseViewSet, basename="release")
router.register("jobs", JobViewSet, basename="job")
urlpatterns = router.urls
