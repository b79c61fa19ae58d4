"""One launcher for a folder; it leaves nothing behind, loses no data and never dies in silence."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
from pathlib import Path

import pytest

from tests.local.clients import MARK, read_marks, write_marks
from tests.local.conftest import Launch
from tests.stack import Launcher, StackFailed

SURVIVED = dict.fromkeys(("postgres", "valkey", "dynamodb", "opensearch"), MARK)
ENDS_WITHIN = 20  # seconds
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
needs_setpriv = pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_process_in_reverse_order(launch: Launch, number: int) -> None:
    launcher = launch()
    pids = launcher.wait_until_ready().pids.values()
    launcher.process.send_signal(number)
    assert launcher.wait() == 0
    stopped = [line.split()[1] for line in launcher.output if line.startswith("stopped")]
    assert stopped == ["opensearch,", "bedrock,", "ministack,", "postgres,", "valkey,"]
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_data_survive_a_restart(launch: Launch) -> None:
    launcher = launch()
    write_marks(launcher.wait_until_ready())
    launcher.stop()
    assert read_marks(launch().wait_until_ready()) == SURVIVED


def test_killing_the_launcher_ends_its_children(launch: Launch) -> None:
    launcher = launch()
    children = [os.pidfd_open(pid) for pid in launcher.wait_until_ready().pids.values()]
    launcher.process.kill()
    launcher.wait()
    ended = [bool(select.select([child], [], [], ENDS_WITHIN)[0]) for child in children]
    assert ended == [True] * 5


def test_after_a_killed_launcher_the_next_one_finds_all_data(launch: Launch) -> None:
    killed = launch()
    write_marks(killed.wait_until_ready())
    killed.process.kill()
    killed.wait()
    assert read_marks(launch().wait_until_ready()) == SURVIVED


def test_a_second_launcher_is_refused_with_the_process_id_of_the_first(launch: Launch) -> None:
    first = launch()
    first.wait_until_ready()
    with pytest.raises(StackFailed, match=f"Another launcher, process {first.process.pid},"):
        launch().wait_until_ready()


def test_a_dead_child_ends_the_run_with_its_log(launch: Launch) -> None:
    launcher = launch()
    stack = launcher.wait_until_ready()
    os.kill(stack.pids["postgres"], signal.SIGTERM)
    assert launcher.wait() == 1
    assert "postgres (pid" in "".join(launcher.output)
    assert "database system is shut down" in "".join(launcher.output)


def test_the_published_file_is_private_and_gone_after_the_run(launch: Launch, data: Path) -> None:
    launcher = launch()
    launcher.wait_until_ready()
    assert (data / "env.json").stat().st_mode & 0o777 == 0o600
    launcher.stop()
    assert not (data / "env.json").exists()


@as_root
def test_sqlite_takes_over_loudly_where_postgresql_cannot_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    launcher = Launcher(tmp_path / "data")
    common = launcher.wait_until_ready().common
    launcher.stop()
    assert "WARNING: PostgreSQL cannot run here" in "".join(launcher.output)
    assert common["DATABASE_URL"].startswith("sqlite:///")


@as_root
@needs_setpriv
def test_it_runs_without_root(launch: Launch, data: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(data.parent, nobody.pw_uid, nobody.pw_gid)
    stack = launch(*become(nobody)).wait_until_ready()
    write_marks(stack)
    assert read_marks(stack) == SURVIVED


def become(account: pwd.struct_passwd) -> list[str]:
    """Words that run a command as this user, who may still read a Python below root's home."""
    identity = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    may_read = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
    return ["setpriv", *identity, *may_read]
