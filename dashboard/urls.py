"""Routes of the dashboard."""

from __future__ import annotations

from django.urls import path

from dashboard import (
    alarm_views,
    chat_views,
    letter_views,
    plan_views,
    queue_views,
    reconciliation_views,
    upload_views,
    views,
)
from dashboard.actions import act
from dashboard.audit_page import audit_page
from dashboard.item_page import item_page
from dashboard.job_list import job_list
from dashboard.job_page import job_live, job_page

app_name = "dashboard"
urlpatterns = [
    path("", views.page, name="page"),
    path("stream", views.stream, name="stream"),
    path("jobs/", job_list, name="jobs"),
    path("jobs/<int:pk>/", job_page, name="job"),
    path("jobs/<int:pk>/live", job_live, name="job_live"),
    path("jobs/<int:pk>/<str:name>/", act, name="act"),
    path("items/<int:pk>/", item_page, name="item"),
    path("audit/", audit_page, name="audit"),
    path("snapshot.json", views.newest, name="snapshot"),
    path("uploads/", upload_views.page, name="uploads"),
    path("uploads/<int:pk>/", upload_views.check, name="upload"),
    path("uploads/<int:pk>/live", upload_views.check_live, name="upload_live"),
    path("uploads/<int:pk>/errors.csv", upload_views.errors, name="upload_errors"),
    path("uploads/<int:pk>/read-again", upload_views.read_again, name="read_again"),
    path("uploads/<int:pk>/plan/", plan_views.plan, name="plan"),
    path("uploads/<int:pk>/plan/samples", plan_views.samples_live, name="samples_live"),
    path("uploads/<int:pk>/plan/sample", plan_views.sample, name="sample"),
    path("uploads/<int:pk>/plan/begin", plan_views.begin, name="begin"),
    path("uploads/<int:pk>/plan/weekly", plan_views.mark, name="mark"),
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
    path("chat/", chat_views.page, name="chat"),
]
