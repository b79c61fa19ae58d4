"""Routes of the dashboard."""

from __future__ import annotations

from django.urls import path

from dashboard import alarm_views, letter_views, queue_views, reconciliation_views, views
from dashboard.job_list import job_list

app_name = "dashboard"
urlpatterns = [
    path("", views.page, name="page"),
    path("stream", views.stream, name="stream"),
    path("jobs/", job_list, name="jobs"),
    path("snapshot.json", views.newest, name="snapshot"),
    path("queues/", queue_views.page, name="queues"),
    path("queues/pause", queue_views.pause, name="pause"),
    path("queues/<str:pool>/letters/", letter_views.page, name="letters"),
    path("queues/<str:pool>/letters/order", letter_views.wish, name="letters-order"),
    path("queues/<str:pool>/letters/<int:order_id>/stop", letter_views.stop, name="letters-stop"),
    path("reconciliation/", reconciliation_views.page, name="reconciliation"),
    path("reconciliation/begin", reconciliation_views.begin, name="reconcile"),
    path("reconciliation/<int:run_id>/", reconciliation_views.run_page, name="reconciliation_run"),
    path("reconciliation/<int:run_id>/repair", reconciliation_views.repair, name="repair"),
    path("alarms/", alarm_views.page, name="alarms"),
    path("alarms/<str:name>/", alarm_views.alarm, name="alarm"),
    path("alarms/<str:name>/handle", alarm_views.handle, name="alarm-handle"),
]
