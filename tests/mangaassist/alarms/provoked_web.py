"""Ways to make web alarms ring."""

from __future__ import annotations

from django.test import Client

from mangaassist.metrics import exposition
from tests.enrichment.api.clients import Client as Api
from tests.mangaassist.alarms.scene import Provocation, Scene, nothing


def a_view_fails(scene: Scene) -> None:
    client = Client(raise_request_exception=False)
    for _ in range(18):
        client.get("/nowhere")
    with scene.patch.context() as patch:
        patch.setattr(exposition, "totals", None)  # No server can make a bug.
        assert [client.get("/metrics").status_code for _ in range(2)] == [500, 500]


def requests_are_answered(scene: Scene) -> None:
    for _ in range(20):
        Client().get("/nowhere")


def japanese_requests_are_refused(scene: Scene) -> None:
    editor = Api("editor")
    for _ in range(50):
        editor.post(
            "/api/jobs/1/pause/", "{", content_type="application/json",
            headers={"Accept-Language": "ja"},
        )  # fmt: skip


WEB = {
    "http-5xx": Provocation(a_view_fails, requests_are_answered),
    "refusals-ja": Provocation(japanese_requests_are_refused, nothing),
}
