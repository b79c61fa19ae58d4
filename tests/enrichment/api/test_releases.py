"""Uploading a file, seeing what was read, and previewing and confirming a job."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from enrichment.models import Job, Release
from enrichment.states import State
from mangaassist import blocking
from mangaassist.errors import Misconfigured
from mangaassist.pools import ENRICHMENT
from tests.enrichment.api.clients import CSV, RELEASES, Client
from tests.enrichment.factories import live_worker, make_job, make_title
from tests.mangaassist.conftest import forget_clients

pytestmark = pytest.mark.django_db


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_is_accepted_before_anybody_reads_it(editor: Client) -> None:
    answer = editor.upload()
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"{RELEASES}{answer.data['id']}/")
    assert (answer.data["state"], answer.data["name"]) == ("received", "titles.csv")
    assert Release.objects.get().created_by == editor.member


def test_the_same_file_again_is_the_same_release(editor: Client) -> None:
    first, second = editor.upload(), editor.upload()
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.data["id"] == second.data["id"]


def test_the_same_file_of_another_user_is_another_release(editor: Client) -> None:
    assert editor.upload().data["id"] != Client("editor").upload().data["id"]


def test_a_retried_upload_is_one_release_even_when_the_first_was_refused(editor: Client) -> None:
    first, second = (editor.upload(key="k-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()


def test_a_key_belongs_to_one_file(editor: Client) -> None:
    editor.upload(key="k-1")
    problem(editor.upload(CSV + "A-3,鳥\r\n", key="k-1"), 422)


def test_what_was_read_is_told(editor: Client) -> None:
    pk = editor.release("番号\tタイトル\t棚\nA-1\t猫\t3\n!\t犬\t4\n".encode("utf-16"), mapping="{}")
    found = editor.get(f"{RELEASES}{pk}/").json()
    assert (found["state"], found["format"], found["encoding"][:6]) == ("ready", "tsv", "utf-16")
    assert found["columns"] == {"id": "番号", "titleJp": "タイトル"}
    assert found["ignored_columns"] == ["棚"]
    assert (found["good_rows"], found["bad_rows"]) == (1, 1)
    assert found["changes"] == {"new": 1, "changed": 0, "offer": 0, "unchanged": 0}


def test_errors_are_grouped_with_their_first_rows(editor: Client) -> None:
    pk = editor.release(CSV + "!,鳥\r\n?,魚\r\nA-9,\r\n")
    groups = editor.get(f"{RELEASES}{pk}/").json()["error_groups"]
    assert groups[0]["headline"] == "ID に使えない文字がある"
    assert [(one["code"], one["field"], one["count"], one["rows"]) for one in groups] == [
        ("bad_id", "id", 2, [4, 5]),
        ("missing", "titleJp", 1, [6]),
    ]


def test_every_error_has_its_row_column_and_reason(editor: Client) -> None:
    pk = editor.release(CSV + "!,鳥\r\n")
    (error,) = editor.get(f"{RELEASES}{pk}/errors/").json()["results"]
    assert (error["row"], error["field"], error["code"]) == (4, "id", "bad_id")
    assert "使えない文字" in error["reason"]


def test_a_value_that_a_row_is_taken_without_is_told(editor: Client) -> None:
    pk = editor.release("id,titleJp,price\nA,a,?\n")
    (error,) = editor.get(f"{RELEASES}{pk}/errors/").json()["results"]
    assert (error["row"], error["field"], error["taken"]) == (2, "price", True)
    found = editor.get(f"{RELEASES}{pk}/").json()
    assert (found["warned_rows"], found["error_groups"][0]["taken"]) == (1, True)


@pytest.mark.parametrize(
    ("parameter", "header", "told"),
    [
        ("en", "ja", "not allowed"),
        ("ja", "en", "使えない文字"),
        ("", "en", "not allowed"),
        ("", "", "使えない文字"),
    ],
)
def test_reasons_are_in_the_language_of_the_caller(
    editor: Client, parameter: str, header: str, told: str
) -> None:
    pk = editor.release(CSV + "!,鳥\r\n")
    query = {"preferredLanguage": parameter} if parameter else {}
    answer = editor.get(f"{RELEASES}{pk}/errors/", query, headers={"Accept-Language": header})
    assert told in answer.json()["results"][0]["reason"]


def test_rows_and_errors_come_in_the_order_of_the_file(editor: Client) -> None:
    pk = editor.release("id,titleJp\n!,a\nB,b\nC,c\n?,d\n")
    for what, numbers in (("rows", [3, 4]), ("errors", [2, 5])):
        page = editor.get(f"{RELEASES}{pk}/{what}/", {"limit": 1}).json()
        rest = editor.get(page["next"]).json()
        assert [one["row"] for one in (*page["results"], *rest["results"])] == numbers


def test_every_error_of_a_row_comes_once_wherever_a_page_ends(editor: Client) -> None:
    pk = editor.release("id,titleJp,firstPublished\n" + "!,,x\n" * 7)
    page = editor.get(f"{RELEASES}{pk}/errors/", {"limit": 4}).json()
    seen = [(one["row"], one["field"]) for one in page["results"]]
    while page["next"]:
        page = editor.get(page["next"]).json()
        seen += [(one["row"], one["field"]) for one in page["results"]]
    fields = ("id", "titleJp", "firstPublished")
    assert seen == [(row, field) for row in range(2, 9) for field in fields]


def test_good_rows_are_shown_as_they_were_understood(editor: Client) -> None:
    make_title("A-1")
    pk = editor.release()
    rows = editor.get(f"{RELEASES}{pk}/rows/", {"change": "new"}).json()["results"]
    assert [(row["row"], row["id"], row["titleJp"]) for row in rows] == [(3, "A-2", "犬")]


def test_a_mapping_says_which_header_is_which_column(editor: Client) -> None:
    mapping = json.dumps({"id": "番", "titleJp": "名"})
    pk = editor.release("番,名\nA,猫\n", mapping=mapping)
    assert editor.get(f"{RELEASES}{pk}/").json()["good_rows"] == 1


@pytest.mark.parametrize(
    "mapping", ["[]", "{", '{"size": "判型"}', '{"id": 3}', "[" * 9_000, "x" * 10_001]
)
def test_a_mapping_that_cannot_be_is_refused(editor: Client, mapping: str) -> None:
    found = problem(editor.upload(mapping=mapping), 400)
    assert [error["field"] for error in found["errors"]] == ["mapping"]
    assert not Release.objects.exists()


def test_a_mapping_is_kept_without_what_nobody_sees(editor: Client) -> None:
    mapping = json.dumps({"titleJp": "a\0\ud800b"})
    pk = editor.upload(mapping=mapping).data["id"]
    assert Release.objects.get(pk=pk).mapping == {"titleJp": "ab"}


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"\x1f\x8b\x08", b"PK\x03\x04 not a workbook", b""],
)
def test_what_is_no_release_at_all_is_refused_at_once(editor: Client, content: bytes) -> None:
    answer = editor.upload(content)
    assert problem(answer, 400)["detail"]
    assert not Release.objects.exists()


def test_a_refused_file_tells_why_and_has_no_job(editor: Client) -> None:
    pk = editor.release("id,price\nA,猫\n")
    found = editor.get(f"{RELEASES}{pk}/").json()
    assert (found["state"], found["code"]) == ("refused", "missing_columns")
    assert "titleJp" in found["reason"]
    assert problem(editor.confirm(pk), 409)["code"] == "missing_columns"


def test_a_file_is_accepted_while_sqs_is_down(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    forget_clients()
    assert editor.upload().status_code == 202
    forget_clients()


def test_a_file_that_waits_says_for_whom(editor: Client) -> None:
    (told,) = editor.upload().data["obstacles"]
    assert "manage.py worker maintenance" in told


def test_a_preview_tells_counts_prompts_cost_time_and_verdict(editor: Client) -> None:
    live_worker()
    pk = editor.release()
    found = editor.post(f"{RELEASES}{pk}/preview/", {"kinds": ["pitch"]}, format="json").json()
    assert (found["titles"], found["changes"]["new"]) == (2, 2)
    assert "猫" in found["samples"][0]["user"]
    assert (
        0 < found["cost_usd"]["low"] <= found["cost_usd"]["expected"] <= found["cost_usd"]["high"]
    )
    assert (found["starts_in"], found["ends_in"]) == (None, None)
    assert (found["admission"]["accepted"], found["admission"]["status"]) == (True, 202)
    assert not Job.objects.exists()


def test_a_preview_tells_when_a_job_would_begin_and_end(editor: Client) -> None:
    live_worker(permits=10)
    ended = timezone.now() - timedelta(hours=1)
    make_job(titles=5).items.update(
        state=State.DONE, started_at=ended - timedelta(seconds=2), ended_at=ended
    )
    pk = editor.release()
    found = editor.post(f"{RELEASES}{pk}/preview/", {}, format="json").json()
    assert found["pace"]["basis"] == "recent_items"
    assert found["starts_in"] == 0
    assert found["ends_in"]["first"] == found["ends_in"]["last"] == pytest.approx(0.4)


def test_a_preview_tells_why_a_job_would_not_be_taken(editor: Client) -> None:
    pk = editor.release()
    verdict = editor.post(f"{RELEASES}{pk}/preview/", {}, format="json").json()["admission"]
    assert (verdict["status"], verdict["reason"]) == (503, "no_workers")
    assert "ワーカー" in verdict["detail"]


def test_a_confirmed_release_is_a_job(editor: Client) -> None:
    live_worker()
    answer = editor.confirm(editor.release(), kinds=["pitch", "tags"], languages=["ja", "en"])
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"/api/jobs/{answer.data['id']}/")
    job = Job.objects.get()
    assert (job.kinds, job.languages, job.total) == (["pitch", "tags"], ["en", "ja"], 2)
    assert job.created_by == User.objects.get()


def test_without_options_a_job_writes_synopsis_and_tags_in_japanese(editor: Client) -> None:
    live_worker()
    job = editor.confirm(editor.release()).json()
    assert (job["kinds"], job["languages"]) == (["synopsis", "tags"], ["ja"])
    assert job["changes"] == ["new"]


def test_confirming_again_is_the_same_job(editor: Client) -> None:
    live_worker()
    pk = editor.release()
    first, second = editor.confirm(pk), editor.confirm(pk)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.data["id"] == second.data["id"]


@pytest.mark.parametrize("option", ["kinds", "languages", "changes"])
@pytest.mark.parametrize("value", [["haiku"], [], "pitch", [["ja"]], None])
def test_an_unknown_option_is_refused(editor: Client, option: str, value: Any) -> None:
    live_worker()
    found = problem(editor.confirm(editor.release(), **{option: value}), 400)
    assert found["errors"][0]["field"].split(".")[0] == option
    assert not Job.objects.exists()


def test_a_file_that_is_not_read_yet_has_no_job(editor: Client) -> None:
    answer = editor.confirm(editor.upload().data["id"])
    assert problem(answer, 409)["code"] == "release_not_ready"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_file_without_a_good_row_has_no_job(editor: Client) -> None:
    live_worker()
    assert problem(editor.confirm(editor.release("id,titleJp\n!,鳥\n")), 422)
    assert not Job.objects.exists()


def test_nothing_is_taken_while_nothing_consumes_and_the_cause_is_told(editor: Client) -> None:
    pk = editor.release()
    answer = editor.confirm(pk)
    assert problem(answer, 503)["reason"] == "no_workers"
    assert int(answer.headers["Retry-After"]) > 0
    live_worker()
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDeniedException", "No GetItem."))
    assert "AccessDeniedException: No GetItem." in problem(editor.confirm(pk), 503)["detail"]
    assert not Job.objects.exists()


def test_too_much_is_refused_for_now_with_what_would_fit(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 3)
    live_worker()
    make_job(titles=2)
    answer = editor.confirm(editor.release())
    found = problem(answer, 429)
    members = ("reason", "pending", "rate_per_min", "retry_after", "suggested_batch_size")
    assert [found[name] for name in members] == ["backlog", 2, 0.0, 86_400, 1]
    assert answer.headers["Retry-After"] == "86400"


def test_one_user_may_not_begin_more_than_consumers_end(editor: Client, settings: Any) -> None:
    settings.TITLES_AT_ONCE, settings.TITLES_PER_MINUTE = 2, 60
    live_worker()
    editor.confirm(editor.release())
    found = problem(editor.confirm(editor.release("id,titleJp\nC,x\nD,y\n")), 429)
    assert (found["reason"], found["suggested_batch_size"]) == ("user_rate", 60)
    other = Client("editor")
    assert other.confirm(other.release("id,titleJp\nE,x\n")).status_code == 202


@pytest.mark.parametrize(("language", "told"), [("ja", "ファイル"), ("en", "No file")])
def test_form_errors_are_in_the_language_of_the_caller(
    editor: Client, language: str, told: str
) -> None:
    answer = editor.post(RELEASES, {}, format="multipart", headers={"Accept-Language": language})
    (error,) = problem(answer, 400)["errors"]
    assert (error["field"], told in error["detail"]) == ("file", True)


def test_releases_are_listed_newest_first(editor: Client) -> None:
    first = editor.release()
    second = editor.release(CSV + "B,鳥\r\n")
    found = editor.get(RELEASES).json()["results"]
    assert [one["id"] for one in found] == [second, first]
    assert editor.get(RELEASES, {"state": "refused"}).json()["results"] == []


def test_a_job_may_begin_in_the_low_lane(editor: Client) -> None:
    live_worker()
    release = editor.release()
    assert editor.confirm(release, lane="low").json()["lane"] == "low"
    assert editor.confirm(release).json()["lane"] == "low"
    problem(editor.confirm(release, lane="fast"), 400)
