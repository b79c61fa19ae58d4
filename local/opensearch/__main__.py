"""`python -m local.opensearch` serves until SIGTERM, when it saves its indices."""

from __future__ import annotations

import argparse
from pathlib import Path

from local import serving
from local.opensearch import keeping
from local.opensearch.app import App
from local.opensearch.cluster import Service


def main() -> None:
    serving.collect_seldom()
    parser = argparse.ArgumentParser(prog="python -m local.opensearch", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the indices")
    parser.add_argument("--serverless", action="store_true", help="refuse what that refuses")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds until a write is found")
    options = parser.parse_args()
    cluster = keeping.load(options.data)
    cluster.service = Service(options.serverless, options.lag)
    server = serving.server(App(cluster), "OpenSearch stand-in", "127.0.0.1", options.port)
    server.at_end = lambda: keeping.save(cluster, options.data)
    server.run()


if __name__ == "__main__":
    main()
