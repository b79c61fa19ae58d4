"""Floods a queue: python -m bench._flood QUEUE COUNT sends so many canaries at once."""

from __future__ import annotations

import os
import sys

import django

SESSION = 100  # messages whose calls go out side by side


def main() -> None:
    queue, count = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mangaassist.settings")
    django.setup()
    flood(queue, count)


def flood(queue: str, count: int) -> None:
    """Each canary is a message group of its own, so that all of a pool's slots work on them."""
    from mangaassist import canary
    from mangaassist.celery import app

    first = canary.stamp()
    with app.producer_or_acquire() as producer, producer.batch(max_size=SESSION):
        for number in range(first, first + count):
            canary.canary.apply_async(  # type: ignore[call-arg]
                args=(number,),
                queue=queue,
                producer=producer,
                MessageGroupId=f"flood-{number}",
                MessageDeduplicationId=f"flood-{number}",
            )


if __name__ == "__main__":
    main()
