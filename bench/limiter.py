"""What the limiter costs, how much of the quota it uses, and how little Bedrock has to throttle."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._bedrock import Bedrock
from bench._child import Child
from bench._deployment import stack
from bench._figures import percentile
from local import published
from mangaassist import claude
from mangaassist.rates import connect

REQUESTS, TOKENS = 1_000, 300_000  # the quota, a minute
BURST = 5.0  # seconds of the quota that the simulator grants at once
LATENCY = 1.0  # seconds; what a call takes
CLIENTS = 2  # processes that want more than the quota
THREADS = 40  # of each of them
CHATS = 4  # calls of visitors at a time
CHAT_PATIENCE = 0.3  # seconds
MODEL = claude.MODELS[claude.HAIKU_45]  # that all callers of the bench ask
COUNTS = ("calls", "throttled", "input_tokens", "output_tokens")  # of the simulator's stats
LIMITS = {  # what a figure may be: at least, or at most
    "pairs_per_s": (5_000.0, None),
    "p99_us": (None, 1_000.0),
    "quota_utilisation": (0.97, None),
    "throttled_fraction": (None, 0.005),
    "chat_wait_p95_ms": (None, 20.0),
    "halved_utilisation": (0.97, None),
    "halved_throttled_fraction": (None, 0.02),
}

Figures = dict[str, float]


@dataclass(frozen=True)
class Plan:
    """Seconds of each part."""

    rounds: int  # of one second
    warm_up: float  # until the first burst is over
    window: float
    adaptation: float
    peer: float


FULL = Plan(rounds=15, warm_up=5, window=60, adaptation=60, peer=30)
QUICK = Plan(rounds=1, warm_up=2, window=3, adaptation=1, peer=2)


@dataclass(frozen=True)
class Window:
    """What the simulator counted in so many seconds, by the names of its stats."""

    seconds: float
    counts: Mapping[str, int]

    def throttled(self) -> float:
        """The throttled calls among all."""
        return self.counts["throttled"] / self.counts["calls"]

    def utilisation(self, part: float = 1.0) -> float:
        """What was used of the quota that binds, or of a part of it."""
        requests = self.counts["calls"] - self.counts["throttled"]
        tokens = MODEL.quota_tokens(self.counts["input_tokens"], self.counts["output_tokens"])
        return max(requests / REQUESTS, tokens / TOKENS) * 60 / (self.seconds * part)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench limiter", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rough figures: under 40 s in all")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    print(f"limiter: {REQUESTS:,} requests and {TOKENS:,} tokens a minute", flush=True)
    with stack() as data:
        figures = Bench(data, QUICK if arguments.quick else FULL).measure()
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(0 if arguments.quick or not broken(figures) else 1)


class Bench:
    """The parts of one run, on one stack."""

    def __init__(self, data: Path, plan: Plan) -> None:
        document = published.read(data)
        addresses = published.environment_of(document, "admin")
        self.environment = os.environ | addresses | {
            "DJANGO_SETTINGS_MODULE": "mangaassist.settings",
            "VAR_DIR": str(data / "var"),
            "BEDROCK_QUOTA": f"{REQUESTS}/{TOKENS}",
            "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        self.bedrock = Bedrock(addresses["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
        self.redis = connect(addresses["REDIS_URL"])
        self.plan = plan

    def measure(self) -> Figures:
        """All figures by their JSON keys; each is printed as soon as it is known."""
        figures = self.time_pairs()
        requests = self.load("requests", "short", "short", pause=2.0, halve=True)
        tokens = self.load("tokens", "title", "question", pause=4.0, halve=False)
        worst = {
            "quota_utilisation": min(requests["utilisation"], tokens["utilisation"]),
            "throttled_fraction": max(requests["throttled"], tokens["throttled"]),
            "chat_wait_p95_ms": max(requests["chat_wait"], tokens["chat_wait"]),
            "halved_utilisation": requests["halved_utilisation"],
            "halved_throttled_fraction": requests["halved_throttled"],
        }
        return figures | worst | self.time_peer()

    def time_pairs(self) -> Figures:
        """Two clients at once, on as many cores, each waiting for its answers.

        The best of several rounds counts, because other programs use the machine.
        """
        clients = self.start(*[("bench._pairs", str(self.plan.rounds))] * CLIENTS)
        one, other = (client.end() for client in clients)
        rounds = [mine + its for mine, its in zip(one, other, strict=True)]
        figures = {
            "pairs_per_s": float(max(map(len, rounds))),
            "p99_us": min(percentile(took, 0.99) for took in rounds),
        }
        for key, value in figures.items():
            show(key, value, f"the best of {len(rounds)} rounds")
        return figures

    def load(self, binds: str, call: str, chat: str, *, pause: float, halve: bool) -> Figures:
        """Enrichment that wants more than the quota, and visitors who ask now and then."""
        self.reset()
        enrichment = ("bench._caller", "enrichment", call, f"--threads={THREADS}", "--patience=5")
        visitors = ("bench._caller", "websocket", chat, f"--threads={CHATS}",
                    f"--patience={CHAT_PATIENCE}", f"--pause={pause}")  # fmt: skip
        *clients, chats = self.start(*[enrichment] * CLIENTS, visitors)
        time.sleep(self.plan.warm_up)
        window = self.watch(self.plan.window)
        figures = {
            "utilisation": window.utilisation(),
            "throttled": window.throttled(),
            "chat_wait": percentile(waits_of(chats.end()), 0.95),
        }
        show("quota_utilisation", figures["utilisation"], f"{binds} bind")
        show("throttled_fraction", figures["throttled"], f"{window.counts['calls']} calls")
        show("chat_wait_p95_ms", figures["chat_wait"])
        if halve:
            figures |= self.halve()
        for client in clients:
            client.end()
        return figures

    def halve(self) -> Figures:
        """Bedrock allows half of what the limiter believes."""
        self.bedrock.allow(REQUESTS // 2, TOKENS // 2, BURST)
        time.sleep(self.plan.adaptation)
        window = self.watch(self.plan.window)
        figures = {
            "halved_utilisation": window.utilisation(0.5),
            "halved_throttled": window.throttled(),
        }
        show("halved_utilisation", figures["halved_utilisation"])
        show("halved_throttled_fraction", window.throttled(), f"{window.counts['calls']} calls")
        return figures

    def time_peer(self) -> Figures:
        """Plain clients with as many threads under the same quota."""
        self.reset()
        clients = self.start(*[("bench._adaptive", str(THREADS))] * CLIENTS)
        time.sleep(self.plan.warm_up)
        window = self.watch(self.plan.peer)
        for client in clients:
            client.end()
        used = f"boto3's adaptive mode, {window.utilisation():.2f} of the quota used"
        show("peer_throttled_fraction", window.throttled(), used)
        return {"peer_throttled_fraction": window.throttled()}

    def reset(self) -> None:
        """A fresh quota on both sides."""
        self.redis.flushdb()
        self.bedrock.answer_in(LATENCY)
        self.bedrock.allow(REQUESTS, TOKENS, BURST)

    def start(self, *commands: Sequence[str]) -> list[Child]:
        """Starts processes that begin together."""
        children = [Child(self.environment, *command) for command in commands]
        for child in children:
            child.await_ready()
        for child in children:
            child.go()
        return children

    def watch(self, seconds: float) -> Window:
        before, begun = self.bedrock.stats(), time.monotonic()
        time.sleep(seconds)
        after, ended = self.bedrock.stats(), time.monotonic()
        return Window(ended - begun, {name: after[name] - before[name] for name in COUNTS})


def waits_of(measured: Mapping[str, list[float]]) -> list[float]:
    """Milliseconds; a call that was refused has waited for all its patience."""
    refused = int(sum(measured.get("LimiterRefusals", [])))
    return measured["LimiterWait"] + refused * [1000 * CHAT_PATIENCE]


def show(key: str, value: float, beside: str = "") -> None:
    least, most = LIMITS.get(key, (None, None))
    limit = f"at least {least:g}" if least is not None else f"at most {most:g}" if most else ""
    print(f"{key:<28} {value:10.4g}   ({', '.join(filter(None, (limit, beside)))})", flush=True)


def broken(figures: Figures) -> list[str]:
    """The keys whose limit does not hold."""
    return [
        key
        for key, (least, most) in LIMITS.items()
        if (least is not None and figures[key] < least)
        or (most is not None and figures[key] > most)
    ]


if __name__ == "__main__":
    main()
