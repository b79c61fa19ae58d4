"""`python -m local.bedrock --port N` serves the simulator until SIGTERM."""

from __future__ import annotations

import argparse
import logging
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn

from local.bedrock.app import App
from local.bedrock.simulator import Simulator

KEEP_ALIVE = 75  # seconds; shorter ones close connections that a client's pool still trusts


class Server(uvicorn.Server):
    """A server that says where it listens and, once told to stop, waits for nobody."""

    def _log_started_message(self, listeners: Sequence[socket.SocketType]) -> None:
        host, port = listeners[0].getsockname()[:2]
        print(f"Bedrock simulator on http://{host}:{port}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.force_exit = True


def main() -> None:
    options = _options()
    # A response left unfinished is how a cut connection is made; any other error stays visible.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    config = uvicorn.Config(
        App(Simulator(options.speed)),
        host=options.host,
        port=options.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
    Server(config).run()


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
