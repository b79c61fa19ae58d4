"""Reading a received file into rows, alone, to its end or not at all."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import translation

from enrichment import releases, staging, uploads
from enrichment.models import Item, Release, ReleasePart, ReleaseRow, RowError, Title
from enrichment.staging import MOST_FAILURES, claim, claim_here, give_back, reclaim, stage
from enrichment.states import State as ItemState
from mangaassist.errors import Temporary
from tests.enrichment.factories import make_release, make_title

State = Release.State
HEADER = "id,titleJp,creator\n"

pytestmark = pytest.mark.django_db


def received(text: str = HEADER + "A,猫,\n") -> Release:
    return releases.receive("r.csv", io.BytesIO(text.encode()))[0]


def now(release: Release) -> Release:
    release.refresh_from_db()
    return release


def kill_reader(release: Release) -> None:
    """Lets the lease of its reader run out."""
    Release.objects.filter(pk=release.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_good_rows_are_staged_and_bad_ones_reported() -> None:
    release = make_release(HEADER + "A,猫,山田\n!,犬,\nB,鳥,\n")
    assert (release.state, release.good_rows, release.bad_rows) == (State.READY, 2, 1)
    assert list(release.rows.order_by("number").values_list("number", "title_id", "creator")) == [
        (2, "A", "山田"),
        (4, "B", ""),
    ]
    assert list(release.errors.values_list("number", "field", "code")) == [(3, "id", "bad_id")]


def test_a_row_with_an_unreadable_price_is_staged_without_it_and_told() -> None:
    release = make_release("id,titleJp,価格\nA,猫,時価\nB,犬,748\n")
    assert (release.good_rows, release.warned_rows, release.bad_rows) == (2, 1, 0)
    assert dict(release.rows.values_list("title_id", "price")) == {"A": None, "B": "748"}
    error = release.errors.get()
    assert (error.number, error.field, error.taken) == (2, "price", True)
    with translation.override("ja"):
        assert error.reason.startswith("価格 の「時価」は読み取れません。")
        assert error.reason.endswith("今のままにします。")


def test_how_the_file_was_read_is_told() -> None:
    release = make_release("ID,タイトル,棚\nA,猫,3\n".encode("cp932"))
    assert (release.format, release.encoding) == ("csv", "cp932")
    assert release.columns == {"id": "ID", "titleJp": "タイトル"}
    assert release.ignored_columns == ["棚"]


def test_a_mapping_says_which_header_is_which_column() -> None:
    release = make_release("番,名\nA,猫\n", mapping={"id": "番", "titleJp": "名"})
    assert release.rows.get().title_jp == "猫"


def test_staging_changes_no_title() -> None:
    make_release(HEADER + "A,猫,\n")
    assert not Title.objects.exists()


def test_rows_are_compared_with_the_titles_that_are_there() -> None:
    make_title("A", title_jp="猫", creator="山田")
    make_title("B", title_jp="犬")
    release = make_release(HEADER + "A,猫,山田\nB,狗,\nC,鳥,\n")
    changes = dict(release.rows.values_list("title_id", "change"))
    assert changes == {"A": "unchanged", "B": "changed", "C": "new"}


@pytest.mark.parametrize(
    ("states", "change"),
    [
        ((ItemState.DONE,), "unchanged"),
        ((ItemState.FAILED, ItemState.DONE), "unchanged"),
        ((ItemState.PENDING,), "unchanged"),  # Its text is on the way.
        ((ItemState.DONE, ItemState.RUNNING), "unchanged"),
        ((ItemState.FAILED,), "new"),
        ((ItemState.REFUSED, ItemState.CANCELLED), "new"),
        ((ItemState.DONE, ItemState.CANCELLED), "changed"),
        ((ItemState.DONE, ItemState.QUARANTINED), "changed"),
    ],
)
def test_a_title_without_the_text_of_its_last_job_is_no_unchanged_one(
    states: tuple[ItemState, ...], change: str
) -> None:
    make_title("A", *states, title_jp="猫")
    assert make_release(HEADER + "A,猫,\n").rows.get().change == change


def test_an_item_that_only_brought_a_price_wrote_no_text() -> None:
    make_title("A", ItemState.DONE, ItemState.CANCELLED, title_jp="猫", price="748")
    Item.objects.filter(state=ItemState.CANCELLED).update(offer_only=True)
    assert make_release("id,titleJp\nA,猫\n").rows.get().change == "unchanged"
    Item.objects.update(offer_only=True)
    assert make_release("id,titleJp,note\nA,猫,\n").rows.get().change == "new"


def test_what_a_release_has_no_column_for_is_no_change() -> None:
    make_title("A", title_jp="猫", creator="山田", note="読切", price="748")
    release = make_release("id,titleJp,creator\nA,猫,山田\n")
    assert release.rows.values_list("change", "note", "price").get() == ("unchanged", None, None)


def test_rows_come_in_chunks_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK", 2)
    release = make_release(HEADER + "A,1,\nB,2,\n!,3,\nC,4,\nD,5,\n")
    assert (release.rows.count(), release.errors.count()) == (4, 1)


def test_the_file_is_forgotten_once_it_is_read() -> None:
    make_release(HEADER + "A,猫,\n")
    assert not ReleasePart.objects.exists()


def test_nothing_is_left_of_a_file_that_cannot_be_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staging, "CHUNK", 1)
    release = make_release('[{"id": "A", "titleJp": "x"}, {"id": "!", "titleJp": "x"}, {"id"')
    assert release.state == State.REFUSED
    assert not ReleaseRow.objects.exists()
    assert not RowError.objects.exists()
    assert not ReleasePart.objects.exists()


def test_a_refused_file_says_why_in_the_language_of_its_reader() -> None:
    release = make_release(b"")
    with translation.override("ja"):
        assert "空" in release.reason
    with translation.override("en"):
        assert "empty" in release.reason


def test_a_reason_of_a_row_is_in_the_language_of_its_reader() -> None:
    error = make_release(HEADER + "!,猫,\n").errors.get()
    with translation.override("ja"):
        assert "使えない文字" in error.reason
    with translation.override("en"):
        assert "not allowed" in error.reason


def test_a_reason_names_the_column_as_the_file_does() -> None:
    error = make_release("番号,作品名\nA,\n").errors.get()
    with translation.override("ja"):
        assert error.reason.startswith("作品名 が空です")


def test_one_reader_has_a_release_at_a_time() -> None:
    release = received()
    assert claim_here(release.pk) is not None
    assert claim_here(release.pk) is None
    assert claim(release.pk, 1) is None


def test_a_stale_delivery_gets_nothing() -> None:
    release = received()
    Release.objects.update(delivery=2)
    assert claim(release.pk, 1) is None
    assert claim(release.pk, 2) is not None


def test_a_release_of_a_dead_reader_is_read_again_from_its_beginning() -> None:
    release = received(HEADER + "A,猫,\nB,犬,\n")
    first = claim_here(release.pk)
    assert first is not None
    ReleaseRow.objects.create(release=release, number=2, title_id="A", title_jp="猫")
    kill_reader(release)
    reclaim()
    assert now(release).state == State.RECEIVED
    second = claim_here(release.pk)
    assert second is not None
    stage(second)
    assert (now(release).state, release.rows.count()) == (State.READY, 2)


def test_a_reader_that_lost_its_lease_writes_nothing_more() -> None:
    release = received()
    late = claim_here(release.pk)
    assert late is not None
    kill_reader(release)
    reclaim()
    assert claim_here(release.pk) is not None
    stage(late)
    assert now(release).state == State.STAGING
    assert not ReleaseRow.objects.exists()


def test_a_message_that_comes_again_after_a_failed_reading_is_stale() -> None:
    release = received()
    Release.objects.update(delivery=1)
    assert claim(release.pk, 1) is not None
    kill_reader(release)
    reclaim()
    assert claim(release.pk, 1) is None


def test_a_file_that_kills_its_readers_is_refused() -> None:
    release = received()
    for _ in range(MOST_FAILURES):
        assert claim_here(release.pk) is not None
        kill_reader(release)
        reclaim()
    assert (now(release).state, release.code) == (State.REFUSED, "cannot_be_read")
    assert "worker_lost" in release.text("en")
    assert not ReleasePart.objects.exists()


def test_a_failed_reading_is_tried_again_after_a_pause() -> None:
    release = received()
    claimed = claim_here(release.pk)
    assert claimed is not None
    give_back(release.pk, claimed.delivery, Temporary("database", "gone"))
    assert now(release).state == State.RECEIVED
    assert Release.objects.filter(lease_until__gt=Now()).exists()


def test_living_readers_keep_what_they_have() -> None:
    release = received()
    claim_here(release.pk)
    reclaim()
    assert now(release).state == State.STAGING


def test_what_fails_for_another_reason_is_not_the_files_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = received()
    claimed = claim_here(release.pk)
    assert claimed is not None

    def broken(*_: object, **__: object) -> uploads.Reader:
        raise OSError("no space left")

    monkeypatch.setattr(uploads, "read", broken)
    with pytest.raises(OSError, match="no space"):
        stage(claimed)
    assert now(release).state == State.STAGING
