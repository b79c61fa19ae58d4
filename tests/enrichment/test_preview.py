"""What a job would do, cost and take, before anything runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from enrichment.jobs import NothingToEnrich, NotReady, Options
from enrichment.kinds import Kind
from enrichment.models import Change, Item, Job, Release, Title
from enrichment.preview import OBSERVED_ITEMS, SAMPLED, SHOWN, Preview, preview
from enrichment.preview_text import lines
from enrichment.prompts import render
from enrichment.states import State
from tests.enrichment.factories import live_keeper, live_worker, make_job, make_release, make_title

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keeper(db: None) -> None:
    """A keeper is alive, so that only workers are wanting."""
    live_keeper()


def release(titles: int = 5) -> Release:
    return make_release("id,titleJp\n" + "".join(f"A-{n},猫 第{n}部\n" for n in range(titles)))


def look(at: Release | None = None, **options: object) -> Preview:
    return preview(at or release(), Options(**options), None)  # type: ignore[arg-type]


def observe(output: int, items: int = 50) -> None:
    """Earlier items with the same options that wrote so many tokens each."""
    ended = timezone.now() - timedelta(hours=1)
    make_job(titles=items).items.update(
        state=State.DONE, calls=1, output_tokens=output,
        started_at=ended - timedelta(seconds=2), ended_at=ended,
    )  # fmt: skip


def test_nothing_runs_and_nothing_changes() -> None:
    look()
    assert not Job.objects.exists()
    assert not Item.objects.exists()
    assert not Title.objects.exists()


def test_samples_are_the_prompts_that_the_model_would_get() -> None:
    found = look()
    assert len(found.samples) == SHOWN
    first = found.samples[0]
    title = Title(id="A-0", title_jp="猫 第0部")
    assert first.prompt == render(title, Options().kinds, Options().languages)


def test_a_prompt_has_what_is_known_and_the_file_leaves_out() -> None:
    Title.objects.create(id="A-0", title_jp="犬", creator="山田")
    title = Title(id="A-0", title_jp="猫 第0部", creator="山田")
    expected = render(title, Options().kinds, Options().languages)
    assert look().samples[0].prompt == expected


def test_rows_are_counted_by_what_they_change() -> None:
    make_title("A-0", title_jp="猫 第0部")
    found = look(changes=[Change.NEW])
    assert found.changes == {"new": 4, "changed": 0, "offer": 0, "unchanged": 1}
    assert found.titles == 4


def test_all_rows_of_a_kind_have_their_price() -> None:
    make_title("A-0", title_jp="猫 第0部")
    found = look()
    assert (found.titles, found.changes["unchanged"]) == (4, 1)
    assert found.cost_of(Change.NEW) == found.cost.expected
    assert found.cost_of(Change.UNCHANGED) == pytest.approx(found.cost.expected / 4)
    assert found.cost_of(Change.CHANGED) == 0


def test_rows_that_change_the_price_alone_are_counted_apart_and_cost_nothing() -> None:
    make_title("A", title_jp="猫", price="748")
    found = look(make_release("id,titleJp,price\nA,猫,800\n"))
    assert (found.titles, found.offers, found.samples) == (0, 1, [])
    assert found.cost.high == 0
    assert "Only shop data changed: 1, brought up to date at no cost" in lines(found)


def test_the_tokens_grow_with_the_titles() -> None:
    small, large = look(release(10)), look(release(20))
    assert large.input_tokens.expected == pytest.approx(2 * small.input_tokens.expected, rel=0.05)


def test_more_kinds_cost_more() -> None:
    at = release()
    assert look(at, kinds=list(Kind)).cost.expected > look(at).cost.expected


def test_answers_until_now_say_how_long_the_next_ones_are() -> None:
    observe(output=120)
    found = look()
    assert found.observed == 50
    assert found.output_tokens.expected == pytest.approx(5 * 120)


def test_too_few_answers_say_nothing() -> None:
    observe(output=120, items=3)
    assert look().observed == 0


def test_answers_with_other_options_say_nothing() -> None:
    observe(output=120)
    assert look(kinds=[Kind.PITCH]).observed == 0


def test_only_the_last_answers_count() -> None:
    observe(output=120, items=OBSERVED_ITEMS + 10)
    assert look().observed == OBSERVED_ITEMS


def test_times_come_from_how_fast_items_end() -> None:
    observe(output=120)
    live_worker(permits=10)
    make_job(titles=20)
    found = look()
    assert found.starts_in == 0
    assert found.ends_in is not None
    assert (found.ends_in.first, found.ends_in.last) == pytest.approx((1.0, 5.0))


def test_times_are_unknown_before_anything_has_ended() -> None:
    found = look()
    assert (found.starts_in, found.ends_in) == (None, None)


def test_the_verdict_is_what_a_confirmation_would_meet() -> None:
    assert look().verdict.reason == "no_workers"
    live_worker()
    assert look().verdict.accepted


def test_a_large_file_is_sampled_all_over() -> None:
    at = release(2 * SAMPLED - 1)
    found = preview(at, Options(), User.objects.create(username="u"))
    numbers = [sample.row.number for sample in found.samples]
    assert numbers == [2, 136, 270]


def test_a_file_that_is_not_read_yet_has_no_preview() -> None:
    at = release()
    at.state = Release.State.RECEIVED
    with pytest.raises(NotReady):
        look(at)


def test_a_choice_without_rows_has_no_preview() -> None:
    with pytest.raises(NothingToEnrich):
        look(changes=[Change.CHANGED])
