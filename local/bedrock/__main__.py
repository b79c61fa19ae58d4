"""`python -m local.bedrock --port N` serves the simulator until SIGTERM."""

from __future__ import annotations

import argparse
import logging

from local import serving
from local.bedrock.app import App
from local.bedrock.simulator import Simulator


def main() -> None:
    options = _options()
    # A response left unfinished is how a cut connection is made; any other error stays visible.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    serving.collect_seldom()
    app = App(Simulator(options.speed))
    serving.server(app, "Bedrock simulator", options.host, options.port).run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bedrock", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="divides the models' own latencies (default 1)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
