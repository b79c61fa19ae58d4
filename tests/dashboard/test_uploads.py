"""The upload's pages: a file comes in, is checked, planned, tried and begun."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from enrichment import staging
from enrichment.models import Job, Release, WeeklyMark
from enrichment.sample import Sample
from enrichment.states import State
from tests.dashboard.conftest import login
from tests.enrichment.factories import job_of, live_keeper, live_worker, make_release, make_title

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/uploads/"
GOOD = "作品ID,タイトル\nA-1,猫\nA-2,犬\n"


@pytest.fixture
def user(client: Client) -> User:
    return login(client, "editor")


def upload(client: Client, content: str, encoding: str = "cp932") -> str:
    """The address of the release's page, once the file has been read."""
    file = SimpleUploadedFile("新刊.csv", content.encode(encoding))
    address = str(client.post(PAGE, {"file": file})["Location"])
    claimed = staging.claim_here(Release.objects.latest("pk").pk)
    if claimed:
        staging.stage(claimed)
    return address


async def joined(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


def estimated(wish: dict[str, list[str]]) -> dict[str, Any]:
    """The form of somebody who has seen the estimate of what they wish."""
    return {**wish, "estimated": urlencode(wish, doseq=True)}


def test_an_empty_list_explains_and_a_missing_file_is_said_so(client: Client, user: User) -> None:
    assert "nothing runs before you confirm" in client.get(f"{PAGE}?lang=en").text
    answer = client.post(f"{PAGE}?lang=en")
    assert (answer.status_code, "Choose a file." in answer.text) == (400, True)


def test_a_file_that_is_none_of_ours_is_refused_at_once(client: Client, user: User) -> None:
    answer = client.post(PAGE, {"file": SimpleUploadedFile("leer.csv", b"")})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert not Release.objects.exists()


def test_a_file_shows_how_it_was_read_and_its_errors_in_groups(client: Client, user: User) -> None:
    address = upload(client, GOOD + "".join(f"B-{n},\n" for n in range(25)))
    text = client.get(f"{address}?lang=en").text
    assert "cp932" in text
    assert "タイトル → titleJp" in text
    assert "Go on with 2 good rows" in text
    assert "タイトル is empty. Fill it in." in text
    assert "and more" in text


def test_what_a_file_has_no_column_for_is_shown_as_empty(client: Client, user: User) -> None:
    assert ">None<" not in client.get(upload(client, GOOD)).text


def test_a_row_that_is_taken_without_its_price_is_told(client: Client, user: User) -> None:
    address = upload(client, "作品ID,タイトル,価格\nA-1,猫,時価\n")
    text = client.get(f"{address}?lang=en").text
    assert "Rows taken without a value: 1" in text
    assert "The row is taken; only this value stays as it is." in text
    assert "Bad rows are left out" not in text
    answer = client.get(f"{address}errors.csv?lang=ja")
    assert "行は取り込み" in async_to_sync(joined)(answer).decode("utf-8-sig")


def test_all_errors_come_as_csv_with_their_reasons(client: Client, user: User) -> None:
    address = upload(client, GOOD + "B-1,\n")
    answer = client.get(f"{address}errors.csv?lang=en")
    content = async_to_sync(joined)(answer).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[1] == ["4", "タイトル", "タイトル is empty. Fill it in."]


def test_a_file_that_waits_says_what_is_in_the_way(client: Client, user: User) -> None:
    client.post(PAGE, {"file": SimpleUploadedFile("r.csv", GOOD.encode())})
    pk = Release.objects.get().pk
    Release.objects.update(created_at="2026-01-01T00:00Z")
    live = client.get(f"{PAGE}{pk}/live?lang=en")
    assert "The file is being read" in live.text
    assert "manage.py" in live.text
    again = client.get(f"{PAGE}{pk}/live?lang=en", headers={"If-None-Match": live["ETag"]})
    assert again.status_code == 304


def test_unknown_headers_are_named_and_the_file_is_read_again(client: Client, user: User) -> None:
    address = upload(client, "記号,なまえ\nA-1,猫\n")
    text = client.get(f"{address}?lang=ja").text
    assert '<option value="なまえ">' in text
    assert "作品ID (id)" in text
    answer = client.post(f"{address}read-again", {"id": "記号", "titleJp": "なまえ"})
    again = Release.objects.latest("pk")
    assert answer["Location"] == f"{PAGE}{again.pk}/"
    assert again.mapping == {"id": "記号", "titleJp": "なまえ"}
    claimed = staging.claim_here(again.pk)
    assert claimed
    staging.stage(claimed)
    again.refresh_from_db()
    assert (again.state, again.good_rows) == (Release.State.READY, 1)


def test_a_header_for_two_columns_is_refused_and_what_was_written_stays(
    client: Client, user: User
) -> None:
    address = upload(client, "記号,なまえ\nA-1,猫\n")
    answer = client.post(f"{address}read-again", {"id": "記号", "titleJp": "記号"})
    assert (answer.status_code, 'value="記号"' in answer.text) == (400, True)


def test_the_plan_tells_titles_cost_time_and_admission(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    live_worker()
    live_keeper()
    text = client.get(f"{address}plan/?lang=en").text
    assert "Start with 2 titles" in text
    assert "would be taken now" in text
    assert "nothing measured yet" in text
    assert not Job.objects.exists()


def test_a_plan_of_new_prices_says_that_it_costs_nothing(client: Client, user: User) -> None:
    make_title("A-1", price="748")
    address = upload(client, "作品ID,タイトル,価格\nA-1,猫,800\n")
    assert "only shop data changed" in client.get(f"{address}?lang=en").text
    text = client.get(f"{address}plan/?lang=en").text
    assert "1, brought up to date without new texts, at no cost" in text
    assert "Bring 1 titles up to date" in text
    assert "費用はかかりません" in client.get(f"{address}plan/?lang=ja").text


def test_a_plan_leaves_out_what_is_written_and_says_what_it_would_cost(
    client: Client, user: User
) -> None:
    make_title("A-1")
    address = f"{upload(client, GOOD)}plan/"
    text = client.get(f"{address}?lang=en").text
    assert "Start with 1 titles" in text
    assert re.search(r'value="new" checked> new \(1 · about \$[\d.]+\)', text)
    assert re.search(r'value="unchanged"> unchanged \(1 · about \$[\d.]+ to write anew\)', text)
    assert "変更なし (1 · 書き直すと約$" in client.get(f"{address}?lang=ja").text


def test_a_plan_of_what_is_all_written_says_how_to_write_it_anew(
    client: Client, user: User
) -> None:
    make_title("A-1")
    make_title("A-2", title_jp="犬")
    address = f"{upload(client, GOOD)}plan/"
    answer = client.get(f"{address}?lang=ja")
    assert answer.status_code == 200
    assert "「変更なし」を選んでください" in answer.text
    assert "変更なし (2)" in answer.text
    anew = "kinds=tags&languages=ja&changes=unchanged"
    assert "Start with 2 titles" in client.get(f"{address}?lang=en&{anew}").text


def test_a_plan_without_a_choice_says_so(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    answer = client.get(f"{address}plan/?lang=en&asked=1&kinds=tags&languages=ja")
    assert "Choose at least one of each" in answer.text
    assert client.get(f"{address}plan/?kinds=x&languages=ja&changes=new").status_code == 400


def test_a_double_click_makes_one_job(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    live_worker()
    live_keeper()
    wish = estimated({"kinds": ["tags"], "languages": ["ja", "en"], "changes": ["new"]})
    places = {client.post(f"{address}plan/begin", wish)["Location"] for _ in range(2)}
    job = Job.objects.get()
    assert places == {f"/dashboard/jobs/{job.pk}/"}
    assert (job.kinds, job.languages, job.created_by) == (["tags"], ["en", "ja"], user)


def test_a_choice_that_was_not_estimated_is_estimated_first(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    live_worker()
    live_keeper()
    wish = estimated({"kinds": ["tags"], "languages": ["ja"], "changes": ["new"]})
    answer = client.post(f"{address}plan/begin?lang=en", {**wish, "kinds": ["tags", "pitch"]})
    assert (answer.status_code, "this is a new estimate" in answer.text) == (400, True)
    assert not Job.objects.exists()


def test_a_sample_without_a_choice_says_so(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    answer = client.post(f"{address}plan/sample?lang=en", {"asked": "1", "kinds": ["tags"]})
    assert "Choose at least one of each" in answer.text
    assert client.get(f"{address}plan/samples?kinds=tags").status_code == 400


def test_a_job_that_is_not_taken_says_why_on_the_plan(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    wish = estimated({"kinds": ["tags"], "languages": ["ja"], "changes": ["new"]})
    answer = client.post(f"{address}plan/begin?lang=en", wish)
    assert (answer.status_code, "manage.py worker enrichment" in answer.text) == (400, True)


def test_a_release_can_wait_for_the_weekly_run(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    wish = estimated({"kinds": ["tags"], "languages": ["ja"], "changes": ["new"]})
    answer = client.post(f"{address}plan/weekly?lang=en", wish, follow=True)
    assert "It starts with the weekly run" in answer.text
    assert WeeklyMark.objects.get().kinds == ["tags"]


def test_a_sample_shows_what_the_model_wrote(client: Client, user: User) -> None:
    release = make_release(GOOD, user)
    row = release.rows.get(number=2)
    Sample.objects.create(
        row=row, kinds=["tags"], languages=["ja"], model="m", state=Sample.State.DONE,
        results={"tags": {"ja": ["冒険", "友情"]}}, cost=Decimal("0.0012"),
    )  # fmt: skip
    query = "kinds=tags&languages=ja&changes=new"
    assert "冒険、友情" in client.get(f"{PAGE}{release.pk}/plan/samples?{query}").text


def test_an_editor_does_not_reach_the_uploads_of_others(client: Client) -> None:
    release = make_release(GOOD, User.objects.create_user("other"))
    login(client, "editor")
    for path in ("", "live", "errors.csv", "plan/"):
        assert client.get(f"{PAGE}{release.pk}/{path}").status_code == 404


def test_a_viewer_looks_and_may_not_upload(client: Client) -> None:
    release = make_release(GOOD)
    login(client, "viewer")
    assert client.get(f"{PAGE}{release.pk}/").status_code == 200
    assert client.get(f"{PAGE}{release.pk}/plan/").status_code == 403
    file = SimpleUploadedFile("r.csv", GOOD.encode())
    assert client.post(PAGE, {"file": file}).status_code == 403


def test_an_editor_sees_own_jobs_alone_and_only_pages_that_open(client: Client) -> None:
    other = job_of(State.DONE)
    editor = login(client, "editor")
    own = job_of(State.DONE)
    Job.objects.filter(pk=own.pk).update(created_by=editor)
    answer = client.get("/dashboard/?lang=en", follow=True)
    assert answer.redirect_chain[0][0] == "/dashboard/jobs/"
    assert (f"#{own.pk} " in answer.text, f"#{other.pk} " in answer.text) == (True, False)
    assert 'href="/dashboard/queues/"' not in answer.text
    assert client.get(f"/dashboard/jobs/{own.pk}/").status_code == 200
    assert client.get(f"/dashboard/jobs/{other.pk}/").status_code == 404
    items = [job.items.get().pk for job in (own, other)]
    assert [client.get(f"/dashboard/items/{pk}/").status_code for pk in items] == [200, 404]


def test_a_member_of_staff_without_a_role_is_refused(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(PAGE).status_code == 403
    assert client.get("/dashboard/").status_code == 403


@pytest.mark.parametrize(("usd", "says"), [("5", "$5.00 · enough"), ("0.01", "pauses")])
def test_a_plan_says_whether_the_budget_is_enough(
    client: Client, user: User, usd: str, says: str
) -> None:
    address = upload(client, GOOD + "".join(f"B-{n},本\n" for n in range(30)))
    wish = {"kinds": ["tags"], "languages": ["ja"], "changes": ["new"], "budget": [usd]}
    assert says in client.get(f"{address}plan/?lang=en&{urlencode(wish, doseq=True)}").text


def test_a_job_begins_with_the_budget_that_was_estimated(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    live_worker()
    live_keeper()
    wish = estimated({"kinds": ["tags"], "languages": ["ja"], "changes": ["new"], "budget": ["5"]})
    answer = client.post(f"{address}plan/begin", {**wish, "budget": ["9"]})
    assert (answer.status_code, Job.objects.exists()) == (400, False)
    client.post(f"{address}plan/begin", wish)
    assert Job.objects.get().budget == 5


def test_a_plan_with_what_is_no_amount_says_so(client: Client, user: User) -> None:
    address = upload(client, GOOD)
    answer = client.get(f"{address}plan/?lang=en&asked=1&budget=-1")
    assert (answer.status_code, "0.01 USD or more" in answer.text) == (400, True)


ODD = "番号,書籍の名\nA-{n},猫\n"


def test_columns_named_once_are_proposed_for_the_same_headers(client: Client, user: User) -> None:
    address = upload(client, ODD.format(n=1))
    assert "filled in" not in client.get(f"{address}?lang=en").text
    client.post(f"{address}read-again", {"id": "番号", "titleJp": "書籍の名"})
    staging.stage(staging.claim_here(Release.objects.latest("pk").pk))  # type: ignore[arg-type]
    text = client.get(f"{upload(client, ODD.format(n=2))}?lang=en").text
    assert "The headers are those of 新刊.csv" in text
    assert 'name="titleJp" value="書籍の名"' in text
    address = upload(client, "コード,書籍の名\nA,猫\n")
    assert "The headers are those of" not in client.get(f"{address}?lang=en").text


def test_columns_that_another_named_are_not_proposed(client: Client, user: User) -> None:
    other = User.objects.create_user("other")
    make_release(ODD.format(n=1), other, mapping={"id": "番号", "titleJp": "書籍の名"})
    assert "The headers are" not in client.get(f"{upload(client, ODD.format(n=2))}?lang=en").text
