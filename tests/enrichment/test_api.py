"""The API as a client with a token sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from enrichment.models import Item, Job, Release
from enrichment.states import State
from tests.enrichment.factories import make_job
from tests.mangaassist.conftest import forget_clients

pytestmark = pytest.mark.django_db

CSV = "\ufeffid,titleJp\r\nA-1,猫\r\nA-2,犬\r\n"
ADDRESS = "/api/jobs/"


def client(**user: Any) -> APIClient:
    """A client with the token of such a user."""
    token = Token.objects.create(user=User.objects.create(username="client", **user))
    return APIClient(headers={"Authorization": f"Token {token.key}"})


@pytest.fixture
def staff() -> APIClient:
    return client(is_staff=True)


def upload(client: APIClient, text: str | bytes = CSV, **options: Any) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("titles.csv", content)
    return client.post(ADDRESS, {"file": file, **options}, format="multipart")


def job_of(*states: State) -> Job:
    job = make_job(titles=len(states))
    for item, state in zip(job.items.order_by("pk"), states, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state)
    return job


def test_a_file_becomes_a_job(staff: APIClient) -> None:
    answer = upload(staff, kinds=["pitch", "tags"], languages=["ja", "en"])
    assert answer.status_code == 202
    job = Job.objects.get(pk=answer.data["id"])
    assert (job.kinds, job.languages, job.total) == (["pitch", "tags"], ["en", "ja"], 2)
    assert job.created_by == job.release.created_by == User.objects.get()


def test_without_options_a_job_writes_synopsis_and_tags_in_japanese(staff: APIClient) -> None:
    job = upload(staff).data
    assert (job["kinds"], job["languages"]) == (["synopsis", "tags"], ["ja"])


@pytest.mark.parametrize("option", ["kinds", "languages"])
def test_an_unknown_option_is_refused(staff: APIClient, option: str) -> None:
    answer = upload(staff, CSV, **{option: ["haiku"]})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.data["errors"]] == [option]
    assert not Release.objects.exists()


def test_the_same_file_again_is_the_same_job(staff: APIClient) -> None:
    first, second = upload(staff), upload(staff)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.data["id"] == second.data["id"]


def test_bad_rows_are_told_and_the_others_taken(staff: APIClient) -> None:
    answer = upload(staff, CSV + "!,鳥\r\n")
    assert answer.status_code == 202
    assert (answer.data["good_rows"], answer.data["bad_rows"]) == (2, 1)
    (error,) = answer.data["row_errors"]
    assert (error["row"], error["field"], error["code"]) == (4, "id", "bad_id")


def test_a_file_without_a_good_row_is_refused_with_its_errors(staff: APIClient) -> None:
    answer = upload(staff, "id,titleJp\n!,鳥\n")
    assert answer.status_code == 400
    assert [error["row"] for error in answer.data["row_errors"]] == [2]
    assert not Job.objects.exists()


@pytest.mark.parametrize("text", [b"id,titleJp\nA,\xff\n", "id,price\nA,500\n", " "])
def test_a_file_that_is_no_release_is_refused_in_both_languages(
    staff: APIClient, text: str | bytes
) -> None:
    answer = upload(staff, text)
    assert answer.status_code == 400
    japanese, english = answer.data["file"]
    assert not japanese.isascii()
    assert english.isascii() or "“" in english


def test_a_file_over_the_limit_is_refused_in_both_languages(
    staff: APIClient, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    answer = upload(staff)
    assert answer.status_code == 400
    japanese, english = (error["detail"] for error in answer.data["errors"])
    assert "10" in japanese
    assert "10" in english


@pytest.mark.parametrize(("language", "told"), [("ja", "使えない文字"), ("en", "not allowed")])
def test_reasons_are_in_the_language_that_the_client_accepts(
    staff: APIClient, language: str, told: str
) -> None:
    job = upload(staff, CSV + "!,鳥\r\n").data["id"]
    answer = staff.get(f"{ADDRESS}{job}/", headers={"Accept-Language": language})
    assert told in answer.data["row_errors"][0]["reason"]


@pytest.mark.parametrize(("language", "told"), [("ja", "ファイル"), ("en", "No file")])
def test_form_errors_are_in_the_language_that_the_client_accepts(
    staff: APIClient, language: str, told: str
) -> None:
    answer = staff.post(ADDRESS, {}, format="multipart", headers={"Accept-Language": language})
    assert answer.status_code == 400
    assert told in answer.data["errors"][0]["detail"]


def test_a_job_is_made_while_sqs_is_down(staff: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    forget_clients()
    assert upload(staff).status_code == 202
    forget_clients()


def test_a_job_is_refused_for_now_when_too_much_waits(
    staff: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 2)
    make_job(titles=2)
    answer = upload(staff)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert len(answer.data["file"]) == 2


def test_the_progress_adds_up(staff: APIClient) -> None:
    job = job_of(*State)
    answer = staff.get(f"{ADDRESS}{job.pk}/")
    now = answer.json()["progress"]
    assert sum(now["counts"].values()) == answer.json()["total"] == len(State)
    assert now["done"] + now["failed"] + now["cancelled"] + now["open"] == len(State)


def test_jobs_are_listed_by_page_newest_first(staff: APIClient) -> None:
    made = [make_job().pk for _ in range(3)]
    answer = staff.get(ADDRESS, {"limit": 2}).json()
    assert answer["count"] == 3
    assert [job["id"] for job in answer["results"]] == [made[2], made[1]]
    rest = staff.get(answer["next"]).json()
    assert [job["id"] for job in rest["results"]] == [made[0]]


def test_a_longer_list_takes_no_more_queries(staff: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(ADDRESS).status_code == 200
        return len(captured)

    make_job()
    one = queries()
    for _ in range(5):
        make_job()
    assert queries() == one


def test_a_job_is_cancelled(staff: APIClient) -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING)
    answer = staff.post(f"{ADDRESS}{job.pk}/cancel/")
    assert answer.status_code == 200
    assert (answer.data["state"], answer.data["changed"]) == ("cancelled", 2)
    assert answer.data["progress"]["cancelled"] == 2


def test_failed_items_are_retried(staff: APIClient) -> None:
    job = job_of(State.FAILED, State.REFUSED, State.DONE)
    answer = staff.post(f"{ADDRESS}{job.pk}/retry/")
    assert (answer.data["changed"], answer.data["progress"]["open"]) == (2, 2)


def test_named_items_are_retried(staff: APIClient) -> None:
    job = job_of(State.FAILED, State.FAILED)
    chosen = [job.items.order_by("pk")[0].pk]
    answer = staff.post(f"{ADDRESS}{job.pk}/retry/", {"items": chosen}, format="json")
    assert answer.data["changed"] == 1


def test_nonsense_is_not_retried(staff: APIClient) -> None:
    job = job_of(State.FAILED)
    answer = staff.post(f"{ADDRESS}{job.pk}/retry/", {"items": ["x"]}, format="json")
    assert answer.status_code == 400
    assert job.items.get().state == State.FAILED


@pytest.mark.parametrize("path", ["999/", "999/cancel/", "nonsense/"])
def test_a_job_that_does_not_exist_is_404(staff: APIClient, path: str) -> None:
    method = staff.post if "cancel" in path else staff.get
    assert method(ADDRESS + path).status_code == 404


def endpoints(client: APIClient, job: Job) -> list[int]:
    return [
        client.get(ADDRESS).status_code,
        upload(client).status_code,
        client.get(f"{ADDRESS}{job.pk}/").status_code,
        client.post(f"{ADDRESS}{job.pk}/cancel/").status_code,
        client.post(f"{ADDRESS}{job.pk}/retry/").status_code,
    ]


def test_nobody_gets_in_without_a_token() -> None:
    assert endpoints(APIClient(), make_job()) == [401] * 5
    assert Release.objects.count() == 1


def test_only_staff_gets_in() -> None:
    assert endpoints(client(), make_job()) == [403] * 5
    assert Release.objects.count() == 1
