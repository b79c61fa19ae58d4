"""Fills the search of a stack with the titles of a file.

To be run as a process of its own: its environment has keys that the product's must not have.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from bench import _titles_index
from bench.search import read


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench._catalogue", description=__doc__)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--titles", type=int, help="only so many, the first ones")
    arguments = parser.parse_args()
    titles = list(islice(read(arguments.catalogue), arguments.titles))
    _titles_index.index(titles)
    print(f"the search holds {len(titles):,} titles", flush=True)


if __name__ == "__main__":
    main()
