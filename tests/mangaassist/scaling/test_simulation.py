"""The plan against loads that change, with workers that boot and metrics that lag."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from mangaassist.pools import ENRICHMENT
from mangaassist.scaling.plan import Size
from tests.mangaassist.scaling.loads import size
from tests.mangaassist.scaling.simulation import Pool, Weather

DEMAND = 500 / 60  # titles per second: the runbook's load
HOUR = 3_600
SIZES = [size(), Size(ENRICHMENT, 1, 1, 25), Size(ENRICHMENT, 5, 1, 5)]
OLDEST = 120  # seconds; what the credit window promises, and measured here


def steady(at: int) -> float:
    return DEMAND


def burst(at: int) -> float:
    return 2_000 if at == 600 else 1


def slower_for_half_an_hour(at: int) -> float:
    return 8 if HOUR // 2 <= at < HOUR else 2


STEPS = {
    "500 a minute": Weather(steady),
    "a burst of 2,000": Weather(burst),
    "the end of all work": Weather(lambda at: DEMAND if at < HOUR else 0),
    "half of the quota that is needed": Weather(steady, quota=DEMAND / 2),
}


@pytest.mark.parametrize("of", SIZES, ids=lambda of: f"{of.permits}-permits")
@pytest.mark.parametrize("weather", STEPS.values(), ids=STEPS)
def test_a_step_of_the_load_turns_the_size_once_at_most(weather: Weather, of: Size) -> None:
    pool = Pool(of, weather).run(2 * HOUR)
    assert pool.turns <= 1
    assert max(pool.ages) <= OLDEST


@pytest.mark.parametrize("of", SIZES, ids=lambda of: f"{of.permits}-permits")
def test_two_steps_of_the_latency_turn_it_twice_at_most(of: Size) -> None:
    pool = Pool(of, Weather(steady, slower_for_half_an_hour)).run(2 * HOUR)
    assert pool.turns <= 2
    assert max(pool.ages) <= OLDEST


@pytest.mark.parametrize("seed", range(3))
def test_a_load_that_only_flickers_changes_nothing_once_it_is_met(seed: int) -> None:
    chance = random.Random(seed)
    pool = Pool(
        Size(ENRICHMENT, 1, 1, 25),
        Weather(lambda at: chance.uniform(0, 2 * DEMAND), lambda at: chance.uniform(1, 3)),
    ).run(2 * HOUR)
    assert len(pool.changes) <= 3
    assert pool.turns <= 1


def test_the_runbooks_load_is_met_within_ten_minutes() -> None:
    pool = Pool(size(), Weather(steady)).run(HOUR)
    backlogs = [backlog for backlog, _, _ in pool.history]
    assert max(backlogs[15 * 60 :]) < 3 * DEMAND * 2  # What runs, and little else.


def test_half_of_the_quota_gets_no_more_workers_than_it_feeds() -> None:
    pool = Pool(size(), Weather(steady, quota=DEMAND / 2)).run(2 * HOUR)
    assert max(pool.sizes) == 10  # 1.1 × 4.17 calls per second × 2 s


def test_in_goes_by_one_worker_in_five_minutes() -> None:
    pool = Pool(size(), Weather(burst)).run(2 * HOUR)
    assert set(pool.changes[2:]) == {-1}
    assert min(later - earlier for earlier, later in pairwise(pool.shrunk_at)) >= 300


def test_nothing_shrinks_while_nothing_is_measured() -> None:
    ends, dark_until = HOUR // 2, 5_000
    pool = Pool(
        size(),
        Weather(
            lambda at: DEMAND if at < ends else 0,
            measured=lambda at: not ends <= at < dark_until,
        ),
    ).run(2 * HOUR)
    assert len(set(pool.sizes[ends:dark_until])) == 1
    assert min(pool.shrunk_at) >= dark_until
