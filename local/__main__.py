"""Command line of the local stand-ins: up, identities, credentials, demo, env."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from local import demo, identities, published, stack
from local.lock import Locked
from local.service import ServiceFailed


def main() -> None:
    arguments = _parser().parse_args()
    data = arguments.data.resolve()
    try:
        match arguments.command:
            case "up":
                options = stack.Options(arguments.free_ports, arguments.bedrock_speed)
                stack.run(data, options)
            case "identities":
                _print_all(identities.refresh(data))
            case "credentials":
                _print_all(identities.write_credentials(arguments.file, os.environ))
            case "demo":
                sys.exit(demo.run(data, leave=arguments.exit))
            case "env":
                _print_exports(data, arguments.role)
    except Locked as locked:
        sys.exit(f"Another launcher, process {locked.holder}, already serves {data}.")
    except (ServiceFailed, published.NotRunning) as failure:
        sys.exit(str(failure))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run all stand-ins until a stop signal comes")
    up.add_argument("--free-ports", action="store_true", help="never use the preferred ports")
    up.add_argument(
        "--bedrock-speed", type=float, default=1.0, help="divides the models' latencies (default 1)"
    )
    commands.add_parser(
        "identities", help="give every IAM role a user with the same policies and a key"
    )
    keys = commands.add_parser(
        "credentials", help="the same for a MiniStack of the environment, into boto3's own file"
    )
    keys.add_argument("file", type=Path, help="one profile for each role")
    env = commands.add_parser("env", help="print export lines for a shell")
    env.add_argument("--role", default="admin", help="IAM role to run as (default: admin)")
    show = commands.add_parser(
        "demo", help="run the stand-ins and the product, and enrich the sample"
    )
    show.add_argument("--exit", action="store_true", help="end after the job")
    for command in commands.choices.values():
        command.add_argument(
            "--data", type=Path, default=Path("var/local"), help="folder that holds everything"
        )
    return parser


def _print_all(names: list[str]) -> None:
    for name in names:
        print(name)


def _print_exports(data: Path, identity: str) -> None:
    document = published.read(data)
    known = ["admin", *document["roles"]]
    if identity not in known:
        sys.exit(f"No keys for {identity}; there are keys for: {', '.join(known)}.")
    for name, value in published.environment_of(document, identity).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
