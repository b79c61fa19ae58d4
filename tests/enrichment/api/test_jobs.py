"""Looking at jobs and acting on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrichment.models import Item, Job
from enrichment.states import State
from tests.enrichment.api.clients import JOBS, Client
from tests.enrichment.factories import job_of, live_worker, make_job

pytestmark = pytest.mark.django_db


def items(client: Client, job: Job, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{JOBS}{job.pk}/items/", query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def act(client: Client, job: Job, action: str, **body: Any) -> Any:
    return client.post(f"{JOBS}{job.pk}/{action}/", body, format="json")


def test_the_progress_adds_up(viewer: Client) -> None:
    job = job_of(*State)
    found = viewer.get(f"{JOBS}{job.pk}/").json()
    now = found["progress"]
    assert sum(now["counts"].values()) == found["total"] == len(State)
    assert now["done"] + now["failed"] + now["cancelled"] + now["open"] == len(State)


def test_what_is_in_the_way_of_a_job_is_told(viewer: Client) -> None:
    job = job_of(State.PENDING)
    assert "ワーカー" in viewer.get(f"{JOBS}{job.pk}/").json()["obstacles"][0]


def test_jobs_are_listed_by_page_newest_first(viewer: Client) -> None:
    made = [make_job().pk for _ in range(3)]
    answer = viewer.get(JOBS, {"limit": 2}).json()
    assert [job["id"] for job in answer["results"]] == [made[2], made[1]]
    rest = viewer.get(answer["next"]).json()
    assert [job["id"] for job in rest["results"]] == [made[0]]


def test_jobs_are_found_by_state_and_release(viewer: Client) -> None:
    first, second = make_job(), make_job(state=Job.State.PAUSED)
    by_state = viewer.get(JOBS, {"state": "paused"}).json()["results"]
    by_release = viewer.get(JOBS, {"release": first.release_id}).json()["results"]
    assert [[one["id"] for one in found] for found in (by_state, by_release)] == [
        [second.pk],
        [first.pk],
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"state": "odd"},
        {"release": "x"},
        {"release": 2**70},
        {"cursor": "x"},
        {"cursor": "cD1hYmM="},
        {"cursor": "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
    ],
)
def test_a_filter_that_cannot_be_is_refused(viewer: Client, query: dict[str, Any]) -> None:
    answer = viewer.get(JOBS, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in query


def test_a_longer_list_takes_no_more_queries(viewer: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get(JOBS).status_code == 200
        return len(captured)

    make_job()
    one = queries()
    for _ in range(5):
        make_job()
    assert queries() == one


def test_items_are_found_by_state_code_and_word(viewer: Client) -> None:
    job = job_of(State.DONE, State.FAILED, State.FAILED)
    last = job.items.order_by("-pk")[0]
    Item.objects.filter(pk=last.pk).update(code="truncated")
    assert len(items(viewer, job, state="failed")) == 2
    assert [one["id"] for one in items(viewer, job, code="truncated")] == [last.pk]
    assert [one["id"] for one in items(viewer, job, q=last.title_id)] == [last.pk]
    assert [one["id"] for one in items(viewer, job, q="第2部")] == [last.pk]
    assert items(viewer, job, q="%") == []


def test_items_come_by_key_so_that_none_is_seen_twice(viewer: Client) -> None:
    job = job_of(*[State.DONE] * 5)
    page = viewer.get(f"{JOBS}{job.pk}/items/", {"limit": 2}).json()
    seen = [one["id"] for one in page["results"]]
    Item.objects.create(job=job, title=make_job().items.get().title)
    while page["next"]:
        page = viewer.get(page["next"]).json()
        seen += [one["id"] for one in page["results"]]
    assert seen == sorted(job.items.values_list("pk", flat=True), reverse=True)[1:]


def test_errors_are_grouped_by_cause_with_a_fix(viewer: Client) -> None:
    job = job_of(State.FAILED, State.FAILED, State.REFUSED)
    job.items.filter(state=State.FAILED).update(code="truncated", message="cut off")
    job.items.filter(state=State.REFUSED).update(code="refused", message="no")
    answer = viewer.get(f"{JOBS}{job.pk}/errors/", headers={"Accept-Language": "en"})
    first, second = answer.json()
    assert (first["code"], first["count"], first["message"]) == ("truncated", 2, "cut off")
    assert (second["retryable"], "declined" in second["fix"]) == (True, True)


def test_a_job_is_paused_and_resumed(operator: Client) -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING)
    paused = act(operator, job, "pause").json()
    assert (paused["state"], paused["changed"]) == ("paused", 1)
    assert act(operator, job, "resume").json()["state"] == "open"


def test_a_job_is_cancelled(operator: Client) -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING)
    found = act(operator, job, "cancel").json()
    assert (found["state"], found["changed"]) == ("cancelled", 2)
    assert found["progress"]["cancelled"] == 2


def test_failed_items_are_retried(operator: Client) -> None:
    found = act(operator, job_of(State.FAILED, State.REFUSED, State.DONE), "retry").json()
    assert (found["changed"], found["progress"]["open"]) == (2, 2)


def test_named_items_are_retried(operator: Client) -> None:
    job = job_of(State.FAILED, State.FAILED)
    chosen = [job.items.order_by("pk")[0].pk]
    assert act(operator, job, "retry", items=chosen).json()["changed"] == 1


def test_the_items_of_one_cause_are_retried(operator: Client) -> None:
    job = job_of(State.FAILED, State.FAILED)
    Item.objects.filter(pk=job.items.order_by("pk")[0].pk).update(code="truncated")
    assert act(operator, job, "retry", code="truncated").json()["changed"] == 1


@pytest.mark.parametrize("body", [{"items": ["x"]}, {"items": "all"}, {"code": 7 * ["x"]}])
def test_nonsense_is_not_retried(operator: Client, body: dict[str, Any]) -> None:
    job = job_of(State.FAILED)
    assert act(operator, job, "retry", **body).status_code == 400
    assert job.items.get().state == State.FAILED


@pytest.mark.parametrize("path", ["999/", "999/cancel/", "nonsense/", f"{10**30}/", "1e3/"])
def test_a_job_that_does_not_exist_is_404(operator: Client, path: str) -> None:
    method = operator.post if "cancel" in path else operator.get
    answer = method(JOBS + path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.usefixtures("provisioned")
@pytest.mark.parametrize(("format", "type_"), [("csv", "text/csv"), ("jsonl", "application/jsonl")])
def test_a_job_is_exported_as_a_file(viewer: Client, format: str, type_: str) -> None:
    job = make_job()
    answer = viewer.get(f"{JOBS}{job.pk}/export/", {"format": format}, headers={"Accept": type_})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{type_}; charset=utf-8"
    assert f"job-{job.pk}.{format}" in answer.headers["Content-Disposition"]


@pytest.mark.usefixtures("provisioned")
def test_an_unknown_format_is_refused(viewer: Client) -> None:
    answer = viewer.get(f"{JOBS}{make_job().pk}/export/", {"format": "exe"})
    assert answer.status_code == 400


@pytest.mark.usefixtures("account")
def test_an_export_that_the_catalogue_denies_says_so(viewer: Client) -> None:
    answer = viewer.get(f"{JOBS}{make_job().pk}/export/")
    assert answer.status_code == 503
    assert answer.json()["code"] == "catalogue_unavailable"


def test_a_worker_is_no_obstacle(viewer: Client) -> None:
    live_worker()
    job = job_of(State.RUNNING)
    assert viewer.get(f"{JOBS}{job.pk}/").json()["obstacles"] == []


def test_an_operator_puts_a_running_job_into_another_lane(operator: Client) -> None:
    job = job_of(State.QUEUED, State.RUNNING)
    answer = act(operator, job, "lane", lane="low")
    assert (answer.json()["lane"], answer.json()["changed"]) == ("low", 1)
    [found] = operator.get(JOBS, {"lane": "low"}).json()["results"]
    assert (found["id"], found["lane"]) == (job.pk, "low")
    assert operator.get(JOBS, {"lane": "normal"}).json()["results"] == []
    assert act(operator, job, "lane").status_code == 400


def test_who_is_no_operator_changes_no_lane(editor: Client) -> None:
    job = make_job(created_by=editor.member)
    assert act(editor, job, "lane", lane="low").status_code == 403
