"""Floods a queue: python -m bench._flood QUEUE COUNT sends so many canaries at once."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    queue, count = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
    django.setup()
    flood(queue, count)


def flood(queue: str, count: int) -> None:
    """Each canary is a message group of its own, so that all of a pool's slots work on them."""
    from mangaassist import canary
    from mangaassist.broker.sending import call_entry, send_all

    first = canary.stamp()
    names = [(number, f"flood-{number}") for number in range(first, first + count)]
    failed = send_all({queue: [call_entry("canary", (n,), name, name) for n, name in names]})
    if failed:
        raise next(iter(failed.values()))


if __name__ == "__main__":
    main()
