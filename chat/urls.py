"""Routes of the chat's page; its socket is in routing."""

from __future__ import annotations

from django.urls import path

from chat import views

urlpatterns = [
    path("", views.page, name="chat"),
    path("frame/", views.frame),
    path("widget.js", views.widget),
]
