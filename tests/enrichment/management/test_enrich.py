"""manage.py enrich: one file from the upload to the results, as a person in a terminal sees it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from enrichment import releases, staging, watch
from enrichment.closing import close_jobs
from enrichment.database import STORE
from enrichment.enrich import enrich
from enrichment.models import Item, Job, Release, WeeklyMark
from enrichment.states import State
from mangaassist import catalog
from tests.enrichment.factories import make_title
from tests.processes import LONGEST_WAIT, manage
from tests.simulator import Simulator

TITLES = "\ufeffid,titleJp\r\nMNG-1,ひまわり探偵\r\nMNG-2,雨の図書館\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "titles.csv"
    path.write_text(TITLES, encoding="utf-8")
    return path


@pytest.fixture
def consumer(provisioned: None, new_gate: None, simulator: Simulator) -> Iterator[None]:
    """Enriches what is pending and closes what has ended, as worker and keeper do."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(0.05):
            for job in Job.objects.filter(state=Job.State.OPEN).values_list("pk", flat=True):
                for send in STORE.dispatch(job, 10):
                    enrich(send.item, send.delivery)
            close_jobs()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopping.set()
    thread.join()


def ended_job(file: Path, *states: State) -> Job:
    """The file's job, already ended, with items in these states."""
    call_command("enrich", file, "--no-wait")
    job = Job.objects.get()
    for item, state in zip(job.items.order_by("pk"), states, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state, code="bad_answer" * (state != "done"))
    close_jobs()
    return job


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("consumer")
def test_a_file_becomes_results_that_are_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.05)
    call_command("enrich", file, "--show=1")
    out, err = capsys.readouterr()
    assert Job.objects.get().state == Job.State.DONE
    assert "ひまわり探偵 (MNG-1)" in out
    assert "synopsis ja" in out
    assert " · " in out
    assert "MNG-2" not in out
    assert "2/2" in err


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("consumer")
def test_a_file_of_new_prices_is_done_without_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: Simulator
) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.05)
    make_title("MNG-1", title_jp="ひまわり探偵", creator="山田", price="748")
    prices = tmp_path / "prices.csv"
    prices.write_text("id,titleJp,price\nMNG-1,ひまわり探偵,800\n", encoding="utf-8-sig")
    call_command("enrich", prices)
    job, row = Job.objects.latest("pk"), catalog.get("MNG-1")
    assert row
    assert (row["price"], row["creator"], "enrichment" in row) == ("800", "山田", False)
    assert job.state == Job.State.DONE
    assert (job.cost, simulator.stats()["calls"]) == (Decimal(0), 0)


@pytest.mark.django_db
def test_a_preview_runs_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("enrich", file, "--preview")
    told = capsys.readouterr().out
    assert "Titles: 2 of these rows" in told
    assert "Cost: $" in told
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_file_may_wait_for_the_weekly_run(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("enrich", file, "--weekly", "--kinds", "pitch")
    assert "starts with the weekly run of " in capsys.readouterr().err
    assert WeeklyMark.objects.get().kinds == ["pitch"]
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_what_has_a_job_does_not_wait_for_the_weekly_run(file: Path) -> None:
    call_command("enrich", file, "--no-wait", "--lane", "low")
    assert Job.objects.get().lane == "low"
    with pytest.raises(CommandError, match="has a job with these options already"):
        call_command("enrich", file, "--weekly")


@pytest.mark.django_db
def test_a_file_whose_reader_died_is_read_here(file: Path) -> None:
    with file.open("rb") as content:
        release, _ = releases.receive(file.name, content)
    assert staging.claim_here(release.pk)
    Release.objects.update(lease_until=Now() - timedelta(seconds=1))
    call_command("enrich", file, "--no-wait")
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_a_column_may_have_a_header_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("番,名\nA,猫\n", encoding="cp932")
    call_command("enrich", file, "--column", "id=番", "--column", "titleJp=名", "--no-wait")
    assert Item.objects.get().title.title_jp == "猫"


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["id", "id=", "=番"])
def test_a_column_without_its_header_is_refused(file: Path, column: str) -> None:
    with pytest.raises(CommandError, match="COLUMN=HEADER"):
        call_command("enrich", file, f"--column={column}")


@pytest.mark.django_db
def test_only_chosen_changes_are_enriched(file: Path) -> None:
    written = make_title("MNG-1", title_jp="ひまわり探偵")
    for chosen, expected in (([], "MNG-2"), (["--changes", "unchanged"], written.pk)):
        call_command("enrich", file, *chosen, "--no-wait")
        assert Job.objects.latest("pk").items.get().title_id == expected


@pytest.mark.django_db
def test_nothing_is_shown_unless_asked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended_job(file, State.DONE, State.DONE)
    call_command("enrich", file)
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.QUARANTINED])
def test_a_title_that_is_not_done_is_an_exit_status_and_a_reason(
    file: Path, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    ended_job(file, State.DONE, state)
    with pytest.raises(SystemExit) as exit_:
        call_command("enrich", file)
    assert exit_.value.code == 1
    assert f"1 {state}: bad_answer" in capsys.readouterr().err


@pytest.mark.django_db
def test_rows_that_are_taken_in_part_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "part.csv"
    file.write_text("id,titleJp,price\nA,x,?\n", encoding="utf-8-sig")
    call_command("enrich", file, "--no-wait")
    told = capsys.readouterr().err
    assert "1 of 1 rows were taken in part" in told
    assert "row 2: price" in told


@pytest.mark.django_db
def test_bad_rows_are_told_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("id,titleJp\nA,x\n" + "!,x\n" * 53, encoding="utf-8-sig")
    call_command("enrich", file, "--no-wait")
    told = capsys.readouterr().err
    assert "53 of 54 rows were not taken" in told
    assert "row 3: " in told
    assert "row 52: " in told
    assert "row 53: " not in told
    assert "and 3 more" in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), ("", "empty"), ("id,titleJp\n!,x\n", "all 1 have errors")],
)
def test_a_file_that_cannot_be_taken_is_one_clear_line(
    tmp_path: Path, content: str | None, told: str
) -> None:
    file = tmp_path / "titles.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=told) as error:
        call_command("enrich", file)
    assert "\n" not in str(error.value)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("enrich", tmp_path)


@pytest.mark.django_db
def test_results_that_cannot_be_read_back_are_an_error(
    file: Path, account: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ended_job(file, State.DONE, State.DONE)
    with pytest.raises(CommandError, match="dynamodb:GetItem on table manga-catalog"):
        call_command("enrich", file, "--show=1")


@pytest.mark.django_db
def test_the_terminal_has_no_log_lines(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger().setLevel(logging.INFO)
    call_command("enrich", file, "--no-wait")
    assert not caplog.records
    assert logging.getLogger().level == logging.INFO


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_leaves_the_job_and_says_so(file: Path) -> None:
    with manage("enrich", file) as process:
        assert process.stderr
        read, started = (process.stderr.readline() for _ in range(2))
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 130
    assert read == "titles.csv: csv, utf-8-sig\n"
    assert "2 titles" in started
    assert "goes on without you" in rest
    assert f"/dashboard/jobs/{Job.objects.get().pk}/" in rest
    assert Job.objects.get().state == Job.State.OPEN


@pytest.mark.django_db
def test_a_job_has_the_budget_of_the_command(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("enrich", file, "--no-wait", "--budget", "1.50")
    assert Job.objects.get().budget == Decimal("1.50")
    assert "for $1.50 at most" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("usd", ["0", "x", ""])
def test_a_budget_that_is_no_amount_is_refused(file: Path, usd: str) -> None:
    with pytest.raises(CommandError, match="--budget"):
        call_command("enrich", file, "--no-wait", "--budget", usd)
