"""How the chat answers many shoppers at once, what an answer costs, and what an idle tab weighs."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from bench import _cpu, _memory
from bench._child import Child
from bench._deployment import Deployment, deployment
from bench._visitors import late
from local import ports
from local.product import PYTHON, ROOT

PROCESSES = 2  # of the web
FIRST_TOKEN, PER_TOKEN = 0.5, 0.006  # seconds; the model's own
TOKENS, PER_EVENT = 250, 5  # of an answer and of each event of its stream
THINKING = 30.0  # seconds that a visitor rests between two messages
SECRET = "bench-secret-of-a-deployment-that-ends-with-it"  # noqa: S105
SETTINGS = {
    "SECRET_KEY": SECRET,
    "WEB_SLOTS": "100",
    "LOG_LEVEL": "WARNING",
    "TRUSTED_PROXIES": "1",  # Each visitor has an address.
}
WARMING = 40  # sockets whose messages are not timed
SETTLE = 3.0  # seconds until memory and CPU are at rest
FILES = 16_384  # that a process may have open
LIMITS = {  # the most that a figure may be
    "lost": 0.0,
    "blank": 0.0,
    "added_first_words_p95_ms": 50.0,
    "useful_p95_s": 3.0,
    "kb_per_idle_socket": 60.0,
}

Figures = dict[str, float]


@dataclass(frozen=True)
class Plan:
    """rate: messages a second; peer: seconds for the plain chat; idle: sockets."""

    rate: float
    seconds: float
    peer: float
    idle: int


FULL = Plan(rate=46.0, seconds=300.0, peer=60.0, idle=5_000)  # a million a day, at a peak of four
QUICK = Plan(rate=10.0, seconds=10.0, peer=10.0, idle=500)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench chat", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rough figures: under a minute")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--rate", type=float, help="messages a second")
    parser.add_argument("--seconds", type=float, help="how long they come")
    parser.add_argument("--catalogue", type=Path, help="CSV of what the search holds; else nothing")
    parser.add_argument("--titles", type=int, help="only so many of it, the first ones")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    plan = Plan(
        arguments.rate or plan.rate, arguments.seconds or plan.seconds, plan.peer, plan.idle
    )
    print(
        f"chat: {plan.rate:g} messages/s for {plan.seconds:g} s, {TOKENS} tokens each", flush=True
    )
    raise_file_limit()
    with deployment() as deployed:
        if arguments.catalogue:
            fill(deployed.environment(), arguments.catalogue, arguments.titles)
        else:
            print("the search holds no titles", flush=True)
        figures = Bench(deployed, plan).measure()
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(0 if arguments.quick or not broken(figures) else 1)


class Bench:
    """The parts of one run, on one stack."""

    def __init__(self, deployed: Deployment, plan: Plan) -> None:
        self.deployed = deployed
        self.plan = plan
        deployed.product.settings.update(SETTINGS)
        deployed.bedrock.write_in(FIRST_TOKEN, PER_TOKEN, TOKENS, PER_EVENT)

    def measure(self) -> Figures:
        """All figures by their JSON keys; each is printed as soon as it is known."""
        with self.plain_chat() as peer:
            peers = self.load(*peer, self.plan.peer, "peer_")
        addresses = [f"127.0.0.1:{ports.free()}" for _ in range(PROCESSES)]
        webs = [self.deployed.product.start_web(int(at.rpartition(":")[2])) for at in addresses]
        self.await_served(addresses)
        pids = [web.pid for web in webs]
        self.warm(addresses)
        weight = self.weigh(addresses, pids)
        figures = self.load(addresses, pids, self.plan.seconds, "")
        for key in ("added_first_words_p95_ms", "cpu_ms_per_message"):
            ratio = figures[key] / peers[f"peer_{key}"]
            show(f"{key} beside the peer", ratio)
        return peers | figures | weight

    def load(self, addresses: list[str], pids: list[int], seconds: float, name: str) -> Figures:
        """Lets visitors ask, and judges what they got."""
        sockets = max(20, round(self.plan.rate * (THINKING + FIRST_TOKEN + TOKENS * PER_TOKEN)))
        self.warm(addresses)
        visitors = self.visitors(addresses, sockets, self.plan.rate, seconds)
        before, others = self.deployed.cpu(), _cpu.machine_seconds()
        ours = _cpu.seconds(pids)
        visitors.go()
        found = visitors.end()
        ours, busy = _cpu.seconds(pids) - ours, _cpu.machine_seconds() - others
        after = self.deployed.cpu()
        asked = found["asked"]
        figures = judge(asked, found["seconds"])
        figures["cpu_ms_per_message"] = 1_000 * ours / len(asked)
        for key, value in figures.items():
            show(name + key, value, states(asked) if key == "lost" else "")
        stand_ins = {
            each: 1_000 * (after[each] - before[each]) / len(asked)
            for each in ("bedrock", "valkey", "ministack")
        } | {"visitors": 1_000 * found["cpu"] / len(asked)}
        told = ", ".join(f"{each} {value:.1f}" for each, value in stand_ins.items())
        print(f"  other CPU, ms per message: {told}; all of the machine: {busy:.0f} s", flush=True)
        return {name + key: value for key, value in figures.items()}

    def weigh(self, addresses: list[str], pids: list[int]) -> Figures:
        """Memory of the web processes with many idle sockets beside none."""
        time.sleep(SETTLE)
        before = sum(map(_memory.resident_mb, pids))
        idle = self.visitors(addresses, self.plan.idle)
        time.sleep(SETTLE)
        grown = sum(map(_memory.resident_mb, pids)) - before
        idle.go()
        left = idle.end()["open"]
        if left != self.plan.idle:
            raise RuntimeError(f"only {left} of {self.plan.idle} idle sockets stayed open")
        figures = {"kb_per_idle_socket": 1_024 * grown / self.plan.idle}
        show("kb_per_idle_socket", figures["kb_per_idle_socket"], f"{self.plan.idle} sockets")
        return figures

    def warm(self, addresses: list[str]) -> None:
        """Lets each process answer a few messages, which makes its clients and threads."""
        few = self.visitors(addresses, WARMING, WARMING / 4, 2.0)
        few.go()
        few.end()

    def visitors(
        self, addresses: list[str], sockets: int, rate: float = 0.0, seconds: float = 0.0
    ) -> Child:
        """A process of visitors that have come."""
        child = Child(
            self.deployed.environment(), "bench._visitors", ",".join(addresses), SECRET,
            f"--sockets={sockets}", f"--rate={rate}", f"--seconds={seconds}",
        )  # fmt: skip
        child.await_ready()
        return child

    def await_served(self, addresses: Sequence[str]) -> None:
        http = urllib3.PoolManager()

        def is_served(address: str) -> bool:
            try:
                return http.request("GET", f"http://{address}/healthz", retries=False).status == 200
            except urllib3.exceptions.HTTPError:
                return False

        self.deployed.wait(lambda: all(map(is_served, addresses)), 60)

    @contextmanager
    def plain_chat(self) -> Iterator[tuple[list[str], list[int]]]:
        """Addresses and process ids of the peer."""
        free = [ports.free() for _ in range(PROCESSES)]
        running = [self._start_plain(port) for port in free]
        try:
            self.deployed.wait(lambda: all(map(_listens, free)), 60)
            yield [f"127.0.0.1:{port}" for port in free], [process.pid for process in running]
        finally:
            for process in running:
                process.kill()
                process.wait()

    def _start_plain(self, port: int) -> subprocess.Popen[bytes]:
        command = [
            str(PYTHON), "-m", "uvicorn", "bench._plain_chat:application", f"--port={port}",
            "--log-level=warning", "--ws=websockets-sansio", "--ws-per-message-deflate=false",
            "--lifespan=off",
        ]  # fmt: skip
        with (self.deployed.data / "plain.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.deployed.environment(), stdout=log, stderr=log
            )


def fill(environment: Mapping[str, str], catalogue: Path, titles: int | None) -> None:
    """Lets the search of a stack hold titles of a file, and says how many.

    titles: the most, or None for all. Raises CalledProcessError.
    """
    most = [] if titles is None else [f"--titles={titles}"]
    subprocess.run(
        [str(PYTHON), "-m", "bench._catalogue", str(catalogue.resolve()), *most],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "mangaassist.settings"},
        check=True,
    )


def judge(asked: list[dict[str, Any]], seconds: float) -> Figures:
    """What became of messages. A lost one has no complete answer; a blank one has no words."""
    complete = [one for one in asked if one["state"] == "complete"]
    return {
        "messages_per_s": len(complete) / seconds,
        "lost": float(len(asked) - len(complete)),
        "blank": float(sum(one["blank"] for one in complete)),
        "added_first_words_p95_ms": 1_000 * (late([one["first"] for one in asked]) - FIRST_TOKEN),
        "useful_p95_s": late([one["useful"] for one in asked]),
    }


def states(asked: list[dict[str, Any]]) -> str:
    """How the answers ended, by number."""
    counted = Counter(one["state"] for one in asked)
    return "of " + ", ".join(f"{count} {state}" for state, count in counted.most_common())


def raise_file_limit() -> None:
    """For all processes of the bench: thousands of sockets are as many open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def show(key: str, value: float, beside: str = "") -> None:
    limit = f"at most {LIMITS[key]:g}" if key in LIMITS else ""
    ratio = f"{value / LIMITS[key]:.2f} of it" if LIMITS.get(key) else ""
    told = ", ".join(filter(None, (limit, ratio, beside)))
    print(f"{key:<42} {value:10.4g}" + (f"   ({told})" if told else ""), flush=True)


def broken(figures: Figures) -> list[str]:
    """The keys whose limit does not hold."""
    return [key for key, most in LIMITS.items() if figures[key] > most]


def _listens(port: int) -> bool:
    return not ports.is_free(port)


if __name__ == "__main__":
    main()
