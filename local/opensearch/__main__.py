"""`python -m local.opensearch --port N` serves the stand-in until SIGTERM."""

from __future__ import annotations

import argparse

from local import serving
from local.opensearch.app import App
from local.opensearch.cluster import Cluster


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.opensearch", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    options = parser.parse_args()
    serving.serve(App(Cluster()), "OpenSearch stand-in", "127.0.0.1", options.port)


if __name__ == "__main__":
    main()
