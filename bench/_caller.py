"""A process of a pool that calls the model without end, through the product's own limiter."""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Callable

import django

from bench._child import await_end, await_go, report
from bench._releases import Releases, record_of
from enrichment.kinds import Kind
from enrichment.prompts import Message, render
from mangaassist import activity, bedrock, claude
from mangaassist.errors import Throttled
from mangaassist.language import Language
from mangaassist.metrics.registry import registry
from mangaassist.pools import POOLS, Pool

MODEL = f"global.{claude.HAIKU_45}"

Call = tuple[str, list[Message], int]  # system, messages, max_tokens


def main() -> None:
    """Reports what the product's metrics say of this process: lists of values by name."""
    django.setup()
    arguments = parse()
    pool, call = POOLS[arguments.pool], CALLS[arguments.call]()
    activity.begin(pool.name, arguments.threads)

    def work() -> None:
        while True:
            if arguments.pause:
                time.sleep(random.expovariate(1 / arguments.pause))
            ask(pool, call, arguments.patience)

    ask(pool, call, arguments.patience)  # Makes the clients, which takes its time.
    registry.take()
    await_go()
    for _ in range(arguments.threads):
        threading.Thread(target=work, daemon=True).start()
    await_end()
    report({found.metric.name: found.values for found in registry.take()})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench._caller", description=__doc__)
    parser.add_argument("pool", choices=sorted(POOLS))
    parser.add_argument("call", choices=sorted(CALLS))
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--patience", type=float, required=True, help="seconds for the limiter")
    parser.add_argument("--pause", type=float, default=0.0, help="mean seconds between calls")
    return parser.parse_args()


def ask(pool: Pool, call: Call, patience: float) -> None:
    """One call; whoever is throttled comes again, like a snoozed item."""
    system, messages, most = call
    try:
        bedrock.invoke(MODEL, system, messages, most, pool=pool, patience=patience)
    except Throttled as failure:
        if failure.code != "limiter_busy":
            time.sleep(random.random())


def short() -> Call:
    """A few tokens, so that the quota of requests binds."""
    return "Answer yes or no.", [Message(role="user", content="Is this polite? こんにちは")], 60


def title() -> Call:
    """What enrichment asks of a title, so that the quota of tokens binds."""
    (row,) = Releases().titles(1)
    prompt = render(record_of(row), [Kind.SYNOPSIS, Kind.TAGS], [Language.JA])
    return prompt.system, prompt.messages, prompt.max_tokens


def question() -> Call:
    """What a shopper asks, with what retrieval would add."""
    content = "静かな日常を描いた漫画を三つ教えてください。" * 10
    return "You help in a manga store.", [Message(role="user", content=content)], 300


CALLS: dict[str, Callable[[], Call]] = {"short": short, "title": title, "question": question}

if __name__ == "__main__":
    main()
