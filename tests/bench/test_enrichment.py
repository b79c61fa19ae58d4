from __future__ import annotations

import os
import subprocess

import pytest

from bench import _cpu
from bench._figures import moments, steady_rate
from bench._releases import Releases


def test_calls_that_begin_and_end_together_reach_exactly_what_their_latency_allows() -> None:
    rounds = [2.0 * number for number in range(1, 9) for _ in range(250)]
    assert steady_rate(rounds, 250) == 125


def test_evenly_spread_completions_have_the_rate_of_their_distance() -> None:
    assert steady_rate([number / 50 for number in range(1_000)], 100) == pytest.approx(50)


def test_a_slow_start_and_a_slow_end_leave_the_steady_rate_as_it_is() -> None:
    middle = [100 + number / 50 for number in range(800)]
    ended = [*range(100), *middle, *(120 + number for number in range(100))]
    assert steady_rate(ended, 100) == pytest.approx(50, rel=0.1)


def test_the_order_of_completions_does_not_matter() -> None:
    ended = [number / 50 for number in range(1_000)]
    assert steady_rate(ended[::-1], 100) == steady_rate(ended, 100)


def test_too_few_completions_for_a_whole_round_have_no_rate() -> None:
    with pytest.raises(ValueError, match="no whole round of 250"):
        steady_rate([1.0] * 300, 250)


def test_things_counted_between_two_looks_are_spread_evenly() -> None:
    assert moments([(0.0, 0), (1.0, 2), (2.0, 2), (3.0, 3)]) == [0.5, 1.0, 3.0]


def test_the_time_of_a_dead_child_counts_for_its_parent() -> None:
    before = _cpu.seconds([os.getpid()])
    subprocess.run(
        ["/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"], check=True
    )
    assert _cpu.seconds([os.getpid()]) > before


def test_a_process_that_is_gone_has_used_no_time() -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    assert _cpu.seconds([gone.pid]) == 0


def test_no_two_titles_share_an_id_however_many_are_asked_for() -> None:
    releases = Releases()
    ids = [row["id"] for size in (3_000, 3_000) for row in releases.titles(size)]
    assert len(set(ids)) == 6_000
