"""How often a title is found by its reading, a part, a slip or what it is about, and how soon."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sqlite3
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench._deployment import stack
from bench._figures import percentile
from bench._search_queries import Title, held_out, queries
from bench._wishes import about, wish, words
from local import published
from mangaassist.search.folding import fold

FULL, QUICK = 2_000, 300  # titles asked for
MOST = 5  # of each answer
READINGS = ("hiragana", "katakana", "romaji")
LEAST_HIT, LONGEST_MS = 0.95, 100.0

Figures = dict[str, float]
Search = Callable[[str], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench search", description=__doc__)
    parser.add_argument("--catalogue", type=Path, required=True, help="CSV: id,titleJp,titleKana")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} titles, not {FULL:,}")
    parser.add_argument("--tuning", action="store_true", help="ask for the half to tune on")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    titles = list(read(arguments.catalogue))
    asked = [title for title in titles if held_out(title) != arguments.tuning and title.reading]
    with stack() as data:
        os.environ |= published.environment_of(published.read(data), "admin")
        os.environ["DJANGO_SETTINGS_MODULE"] = "mangaassist.settings"
        figures = measure(titles, asked[: QUICK if arguments.quick else FULL])
    if arguments.json:
        print(json.dumps(figures))
    good = all(figures[f"hit_at_5_{kind}"] >= LEAST_HIT for kind in READINGS)
    sys.exit(0 if good and figures["p95_ms"] <= LONGEST_MS else 1)


def read(path: Path) -> Iterator[Title]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield Title(row["id"], row["titleJp"], row["titleKana"])


def measure(titles: Sequence[Title], asked: Sequence[Title]) -> Figures:
    """All figures by their JSON keys; those of the peer begin with peer_. Needs a stack."""
    from bench import _titles_index as index

    rate = index.index(titles)
    print(f"search: {len(titles):,} titles, {rate:,.0f} a second; asked for {len(asked):,}")
    alike = same_names(titles)
    ours = ask(index.search, asked, alike, "ours")
    ours |= ask_wishes(index.search_wishes, asked, titles, "ours")
    peer = ask(plain(titles), asked, alike, "LIKE")
    peer |= ask_wishes(plain_words(titles), asked, titles, "LIKE")
    return {"index_titles_per_s": rate, **ours, **{f"peer_{key}": n for key, n in peer.items()}}


def same_names(titles: Sequence[Title]) -> Callable[[Title], set[str]]:
    """The ids that are a hit for a title: of all that share its name or its reading."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for title in titles:
        for name in filter(None, map(fold, title[1:])):
            ids[name].add(title.id)
    return lambda title: ids[fold(title.name)] | ids[fold(title.reading)] | {title.id}


def ask(
    search: Search, asked: Sequence[Title], alike: Callable[[Title], set[str]], who: str
) -> Figures:
    """Shares of hits and milliseconds, of all queries and by their kind."""
    ranks: defaultdict[str, list[int]] = defaultdict(list)
    took: defaultdict[str, list[float]] = defaultdict(list)
    for title in asked:
        wanted = alike(title)
        for kind, text in queries(title).items():
            begun = time.monotonic()
            found = search(text)
            took[kind].append(1000 * (time.monotonic() - begun))
            hits = (place for place, id in enumerate(found[:MOST]) if id in wanted)
            ranks[kind].append(next(hits, MOST))
    figures: Figures = {}
    for kind in ["", *ranks]:
        places = ranks[kind] if kind else [place for some in ranks.values() for place in some]
        times = took[kind] if kind else [ms for some in took.values() for ms in some]
        end = f"_{kind}" if kind else ""
        figures[f"hit_at_1{end}"] = sum(place < 1 for place in places) / len(places)
        figures[f"hit_at_5{end}"] = sum(place < MOST for place in places) / len(places)
        figures[f"p95_ms{end}"] = percentile(times, 0.95)
        show(who, kind or "all", figures, end)
    return figures


def ask_wishes(
    search: Search, asked: Sequence[Title], titles: Sequence[Title], who: str
) -> Figures:
    """The share of five places that a title of the wished theme has, and milliseconds."""
    of = {title.id: about(title) for title in titles}
    shares, times = [], []
    for theme, message in map(wish, asked):
        begun = time.monotonic()
        found = search(message)[:MOST]
        times.append(1000 * (time.monotonic() - begun))
        shares.append(sum(theme in of[id] for id in found) / MOST)
    share, late = sum(shares) / len(shares), percentile(times, 0.95)
    print(f"  {who:<5} {'meaning':<9} of the theme among 5: {share:.3f}  p95 {late:6.1f} ms")
    return {"share_of_5_meaning": share, "p95_ms_meaning": late}


def plain_words(titles: Sequence[Title]) -> Search:
    """LIKE on what is written about titles."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE title (id TEXT, words TEXT)")
    database.executemany(
        "INSERT INTO title VALUES (?, ?)", [(one.id, words(one)) for one in titles]
    )
    query = f"SELECT id FROM title WHERE words LIKE ? LIMIT {MOST}"  # noqa: S608
    return lambda text: [id for (id,) in database.execute(query, [f"%{text}%"])]


def plain(titles: Sequence[Title]) -> Search:
    """What a shop has without a search: LIKE on the name and on the reading."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE title (id TEXT, name TEXT, reading TEXT)")
    normal = (tuple(unicodedata.normalize("NFKC", text) for text in title) for title in titles)
    database.executemany("INSERT INTO title VALUES (?, ?, ?)", normal)
    query = "SELECT id FROM title WHERE name LIKE ?1 OR reading LIKE ?1 ORDER BY length(name)"

    def search(text: str) -> list[str]:
        like = f"%{unicodedata.normalize('NFKC', text)}%"
        return [id for (id,) in database.execute(f"{query} LIMIT {MOST}", [like])]

    return search


def show(who: str, kind: str, figures: Figures, end: str) -> None:
    hits = f"hit@1 {figures[f'hit_at_1{end}']:.3f}  hit@5 {figures[f'hit_at_5{end}']:.3f}"
    part = figures[f"p95_ms{end}"] / LONGEST_MS
    print(f"  {who:<5} {kind:<9} {hits}  p95 {figures[f'p95_ms{end}']:6.1f} ms ({part:.2f})")


if __name__ == "__main__":
    main()
