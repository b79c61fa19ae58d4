"""How soon a large file is accepted, how long a worker reads it, and how much memory that takes."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import time
from typing import Any

import urllib3
from openpyxl import Workbook

from bench import _memory
from bench._deployment import Deployment, deployment
from bench._releases import Row
from local import ports

FULL, QUICK = 100_000, 5_000  # rows
ACCEPT_LIMIT_S, MEMORY_LIMIT_MB = 2.0, 150.0
PATIENCE_S = 300.0
TOKEN = "bench-token-of-an-operator"  # noqa: S105  # Of a deployment that ends with the bench.

BEATS = "SELECT 1 FROM mangaassist_workerbeat WHERE pool = 'maintenance'"

Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench upload", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} rows, not {FULL:,}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    rows = QUICK if arguments.quick else FULL
    print(f"upload: {rows:,} rows of seven columns", flush=True)
    with deployment() as deployed:
        figures = measure(deployed, rows)
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(0 if figures["good_rows"] == 2 * rows else 1)


def measure(deployed: Deployment, rows: int) -> Figures:
    """All figures by their JSON keys; those of the workbook end in _xlsx."""
    uploads = Uploads(deployed)
    uploads.read("warm-up.csv", csv_file(deployed.releases.titles(100)))
    plain = uploads.read("titles.csv", csv_file(deployed.releases.titles(rows)))
    book = uploads.read("titles.xlsx", workbook(deployed.releases.titles(rows)))
    good = plain.pop("good_rows") + book.pop("good_rows")
    return plain | {f"{name}_xlsx": value for name, value in book.items()} | {"good_rows": good}


class Uploads:
    """A client of a running web process, with a keeper and one maintenance worker behind it."""

    def __init__(self, deployed: Deployment) -> None:
        self.deployed = deployed
        product = deployed.product
        product.staff_password()
        deployed.database.execute(
            "INSERT INTO authtoken_token (key, created, user_id)"
            " SELECT %s, now(), id FROM auth_user WHERE username = 'staff'",
            [TOKEN],
        )
        product.start_keeper()
        self.worker = product.start_maintenance().pid
        self.address = f"http://127.0.0.1:{ports.free()}"
        product.start_web(int(self.address.rpartition(":")[2]))
        self.http = urllib3.PoolManager(headers={"Authorization": f"Token {TOKEN}"})
        deployed.wait(lambda: bool(deployed.ask(BEATS)), 60)
        deployed.wait(self._is_served, 60)

    def read(self, name: str, content: bytes) -> Figures:
        """Uploads a file and waits until it is read; prints what that took."""
        _memory.forget_peak(self.worker)
        before = _memory.resident_mb(self.worker)
        begun = time.monotonic()
        answer = self.http.request(
            "POST", f"{self.address}/api/releases/", fields={"file": (name, content)}
        )
        accepted = time.monotonic()
        if answer.status != 202:
            raise RuntimeError(f"{name} was answered with {answer.status}: {answer.data[:300]!r}")
        release = answer.json()["id"]
        self.deployed.wait(lambda: self._state(release) not in ("received", "staging"), PATIENCE_S)
        extra = _memory.peak_mb(self.worker) - before
        figures = {
            "accept_s": accepted - begun,
            "parse_s": time.monotonic() - accepted,
            "extra_mb": extra,
            "good_rows": self._ask("good_rows", release),
        }
        show(name, len(content), figures)
        return figures

    def _is_served(self) -> bool:
        try:
            return bool(self.http.request("GET", f"{self.address}/api/releases/", retries=False))
        except urllib3.exceptions.HTTPError:
            return False

    def _state(self, release: int) -> str:
        return str(self._ask("state", release))

    def _ask(self, column: str, release: int) -> Any:
        query = f"SELECT {column} FROM enrichment_release WHERE id = %s"  # noqa: S608
        return self.deployed.ask(query, release)[0][0]


def csv_file(titles: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(titles[0]))
    writer.writeheader()
    writer.writerows(titles)
    return text.getvalue().encode("utf-8-sig")


def workbook(titles: list[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("titles")
    sheet.append(list(titles[0]))
    for title in titles:
        sheet.append(list(title.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def show(name: str, size: int, figures: Figures) -> None:
    told = {
        "accepted after, s": (figures["accept_s"], ACCEPT_LIMIT_S),
        "extra memory of the worker, MB": (figures["extra_mb"], MEMORY_LIMIT_MB),
    }
    print(f"{name}, {size / 1e6:.1f} MB: read in {figures['parse_s']:.2f} s", flush=True)
    for what, (value, limit) in told.items():
        print(f"  {what:<40} {value:8.2f}   ({value / limit:.2f} of the limit)", flush=True)


if __name__ == "__main__":
    main()
