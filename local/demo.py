"""The demo: stand-ins, the product's processes, and 2,000 real titles enriched before your eyes."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from local import ports
from local.product import WEB, Product, start_stack
from local.store import site
from local.store.site import Site

SAMPLE = Path(__file__).with_name("sample") / "releases.csv"
WEB_PORT = 8000
STORE_PORT = 8001
CHAT_POOLS = ("moderation", "deferred")  # what reviews answers, and gives late ones
WORKERS = 2  # processes, one per core of a small machine
SLOTS = 12  # of each; 2 × 12 × 10 = 240 Bedrock calls at a time


def run(data: Path, *, leave: bool) -> int:
    """Runs the demo on a data folder and returns its exit status. leave: end after the job."""
    data.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("Starting PostgreSQL, Valkey, SQS, DynamoDB, IAM and a Bedrock simulator ...", flush=True)
    launcher = start_stack(data)
    store = Site(ports.preferred_or_free(STORE_PORT))
    product = Product(data, {"CHAT_EMBED_ORIGINS": store.origin})
    try:
        with site.serving(store):
            return _show(product, launcher, store, leave=leave)
    except KeyboardInterrupt:
        print("\nStopping: workers finish what they run ...", flush=True)
        return 0
    finally:
        product.stop()
        launcher.terminate()
        launcher.wait()


def _show(product: Product, launcher: subprocess.Popen[str], store: Site, *, leave: bool) -> int:
    product.prepare()
    product.manage(WEB, "collectstatic", "--noinput", "--verbosity=0")
    password = product.staff_password()
    port = ports.preferred_or_free(WEB_PORT)
    product.start_keeper()
    product.start_maintenance()
    for pool in CHAT_POOLS:
        product.start(pool, pool)
    for number in range(1, WORKERS + 1):
        product.start_worker(SLOTS, number)
    status = product.manage(WEB, "enrich", str(SAMPLE), "--show=3", check=False)
    # Last, so that its chat knows the titles at once and not when it reads their names again.
    store.chat = f"http://127.0.0.1:{port}"
    product.start_web(port)
    while product.probe(WEB, WEB_PORT=str(port)).returncode and not product.dead():
        time.sleep(0.5)
    _explain(product, store, password)
    while not leave:
        time.sleep(0.5)
        if launcher.poll() is not None or product.dead():
            print(f"A process ended by itself; the logs are in {product.data}.")
            return 1
    return status


def _explain(product: Product, store: Site, password: str) -> None:
    address = store.chat
    exports = f'eval "$(.venv-local/bin/python -m local env --data {product.data})"'
    print(
        f"\n  Admin   {address}/admin/   user staff, password {password}"
        f"\n  Live    {address}/dashboard/   what happens now, for the same user"
        f"\n  Chat    {address}/chat/   as a shopper sees it"
        f"\n  Store   {store.origin}/   a store's page with the chat in it"
        f"\n  API     {address}/api/docs/"
        f"\n  Logs    {product.data}"
        f"\n  Shell   {exports} && .venv/bin/python manage.py"
        "\n\nThe answers are simulated; everything else is the real thing. Ctrl-C stops it.",
        flush=True,
    )
