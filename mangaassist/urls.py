"""Routes, by string: the only place besides asgi that wires apps in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mangaassist.metrics import exposition

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="chat")),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}chat/icon.svg")),
    path("metrics", exposition.view, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="docs"),
    path("api/", include("enrichment.urls")),
    path("chat/", include("chat.urls")),
    path("dashboard/", include("dashboard.urls")),
]

handler400 = "mangaassist.api.handlers.bad_request"
handler403 = "mangaassist.api.handlers.permission_denied"
handler404 = "mangaassist.api.handlers.not_found"
handler500 = "mangaassist.api.handlers.server_error"
