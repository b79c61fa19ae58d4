from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from bench._search_queries import Title, held_out, queries
from bench._wishes import about, wish, words
from bench.search import same_names
from local.bedrock.themes import themes

ROWS = [
    ("C1", "サンデー映画劇場", "サンデーエイガゲキジョウ"),
    ("C2", "もう一度だけグッドバイ", "モウイチドダケグッドバイ"),
    ("C3", "傾かない耳", "カタムカナイミミ"),
    ("C4", "日常の果て", "ニチジョウノハテ"),
]


def test_the_bench_ends_with_its_figures(tmp_path: Path) -> None:
    catalogue = tmp_path / "titles.csv"
    with catalogue.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "titleJp", "titleKana"), *ROWS])
    command = [sys.executable, "-m", "bench.search", "--catalogue", str(catalogue), "--json"]
    # Its exit status tells of speed, which is no matter of a test.
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["hit_at_5_romaji"] == figures["hit_at_5_hiragana"] == 1
    assert {"hit_at_1", "p95_ms", "index_titles_per_s", "peer_hit_at_5"} <= set(figures)
    assert 0 <= figures["share_of_5_meaning"] <= 1


def test_some_titles_are_to_tune_on_and_some_are_held_out() -> None:
    assert {held_out(Title(*row)) for row in ROWS} == {True, False}


def test_queries_are_the_same_every_time_and_none_is_the_name() -> None:
    title = Title(*ROWS[0])
    made = queries(title)
    assert made == queries(title)
    assert set(made) == {"hiragana", "katakana", "romaji", "part", "variant", "typo"}
    assert title.name not in made.values()


def test_a_wish_is_for_a_theme_of_its_title_and_its_words_have_every_theme() -> None:
    for title in (Title(*row) for row in ROWS):
        theme, message = wish(title)
        assert (theme, message) == wish(title)
        assert theme in about(title)
        assert set(about(title)) == set(themes(words(title)))


def test_titles_that_share_a_reading_are_hits_for_each_other() -> None:
    titles = [Title("A", "果て", "ハテ"), Title("B", "涯", "ハテ"), Title("C", "耳", "ミミ")]
    assert same_names(titles)(titles[0]) == {"A", "B"}
