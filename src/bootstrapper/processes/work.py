"""`bootstrapper work`: Ansible is imported once here; slots and the keeper are forks of this.

The parent starts no thread. It replaces a slot that died, and on SIGTERM lets running jobs
finish before it goes.
"""

import fcntl
import gc
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

from bootstrapper.control.cancel import wake
from bootstrapper.control.execute import execute
from bootstrapper.control.keeper import Keeper
from bootstrapper.control.parts import make_parts, redis_url
from bootstrapper.control.starting import let_in
from bootstrapper.errors import Error
from bootstrapper.ids import new_id
from bootstrapper.jobs.endings import lose_all_of
from bootstrapper.jobs.process_tree import die_with_parent, end_ssh, wait_for_end
from bootstrapper.jobs.slot import Slot, sockets_of
from bootstrapper.lifecycle import stop_on_signals
from bootstrapper.logs import start_logging
from bootstrapper.playbooks.ansible_environment import ansible_environment, shared_connections
from bootstrapper.playbooks.redirects import built_in_redirects
from bootstrapper.processes.leftovers import clear_of_slot, clear_of_the_dead
from bootstrapper.processes.state_folder import make_state_folder
from bootstrapper.processes.systemd import notify
from bootstrapper.redis_link import connect, translated
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)

AGAIN = 0.5  # seconds until a fork that died is replaced
KEEPER = "keeper"


def run(settings: Settings, *, drain: bool = False) -> int:
    """Work until told to end; with `drain`, tell the workers of this machine to end instead."""
    start_logging(settings.log, "work")
    make_state_folder(settings, "workspaces")
    if drain:
        return _drain(settings)
    clear_of_the_dead(settings.state_dir / "workspaces", socket.gethostname())
    _import_ansible(settings)
    gc.collect()
    gc.freeze()  # so that a fork's collector leaves the shared pages alone
    return Work(settings).run()


class Work:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prefix = f"{socket.gethostname()}-{os.getpid()}-{new_id()[-6:]}"
        self._slots = settings.jobs.slots or os.cpu_count() or 1
        self._forks: dict[int, str] = {}
        self._stopping = False

    def run(self) -> int:
        slots = range(1, self._slots + 1)
        names = [KEEPER, *(f"{self._prefix}-{number}" for number in slots)]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hand_on)
        for name in names:
            self._start(name)
        pid_file = self._settings.state_dir / f"work-{os.getpid()}.pid"
        handle = pid_file.open("w")
        fcntl.flock(handle, fcntl.LOCK_EX)  # held as long as this process lives
        handle.write(str(os.getpid()))
        handle.flush()
        notify("READY=1")
        logger.info("working", extra={"slots": self._slots})
        try:
            while self._forks:
                self._wait()
        finally:
            pid_file.unlink(missing_ok=True)
        return 0

    def _start(self, name: str, *, after: str = "") -> None:
        """Fork it. `after`: how the one before it ended, when this one takes its place."""
        pid = os.fork()
        if pid:
            self._forks[pid] = name
            return
        code = 1
        try:
            die_with_parent()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            if name == KEEPER:
                self._keep()
            else:
                self._work(name, after)
            code = 0
        except Error as error:
            logger.error("%s ends: %s", name, error)
            code = error.exit_code
        except BaseException:  # the fork's outermost edge
            logger.exception("%s broke", name)
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _keep(self) -> None:
        stop = threading.Event()
        stop_on_signals(stop)
        Keeper(make_parts(self._settings), self._prefix, self._slots).keep(stop)

    def _work(self, name: str, after: str) -> None:
        """A slot. It first tells what its predecessor could not: who waits need not wait for the
        keeper to notice a silence. Where Redis is away, it is the keeper who will."""
        settings = self._settings
        sockets = sockets_of(settings)
        sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ.update(shared_connections(settings, sockets))
        parts = make_parts(settings)
        with translated(f"starting {name}"):
            parts.redis.ping()
        if after:
            wake(parts, lose_all_of(parts.jobs, name, f"its worker ended by {after}"))
        if self._stopping:
            return
        slot = Slot(
            settings, connect(settings, redis_url(settings), timeout=None),
            parts.jobs, parts.signs, parts.tickets, name,
            lambda jobs, workspace: execute(make_parts(settings), jobs, workspace),
            partial(let_in, parts),
        )  # fmt: skip
        with translated(f"running {name}"):  # what Redis refuses is a line in the log, no traceback
            slot.work(logging_level="WARNING")

    def _wait(self) -> None:
        try:
            pid, status = os.wait()
        except InterruptedError:
            return
        name = self._forks.pop(pid, "")
        if not name:
            return
        sockets = self._settings.state_dir / "cp" / str(pid)
        end_ssh(name, sockets)
        shutil.rmtree(sockets, ignore_errors=True)
        clear_of_slot(self._settings.state_dir / "workspaces", name)
        code = os.waitstatus_to_exitcode(status)
        killed = code < 0 and name != KEEPER
        if not self._stopping or killed:  # when stopping, only to tell the end of its jobs
            logger.error("%s ended (%s) and is replaced", name, code)
            time.sleep(AGAIN)
            self._start(name, after=f"signal {-code}" if code < 0 else f"exit {code}")
        elif set(self._forks.values()) == {KEEPER}:
            self._signal(lambda each: each == KEEPER)

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        """The slots first; the keeper when they are done. A second signal waits for nothing."""
        notify("STOPPING=1")
        self._signal(lambda name: name != KEEPER or self._stopping)
        self._stopping = True

    def _signal(self, chosen: Callable[[str], bool]) -> None:
        for pid, name in list(self._forks.items()):
            if chosen(name):
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    continue


def _import_ansible(settings: Settings) -> None:
    """Once, here, so that every job finds it in memory."""
    for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
        del os.environ[name]
    os.environ.update(ansible_environment(settings))
    from bootstrapper.playbooks import engine, run  # noqa: F401, PLC0415 (reads the environment)

    engine.warm()
    built_in_redirects()
    logger.info("Ansible is loaded", extra={"ansible": engine.version()})


def _drain(settings: Settings) -> int:
    """Finish, take nothing new: SIGTERM to each `work` of this state folder, then wait for it."""
    ending: list[int] = []
    for file in settings.state_dir.glob("work-*.pid"):
        with file.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.unlink(missing_ok=True)  # nobody holds it: its process is gone
                continue
            except BlockingIOError:
                pid = int(handle.read())
        ending.append(os.pidfd_open(pid))
        os.kill(pid, signal.SIGTERM)
    for pidfd in ending:
        while not wait_for_end(pidfd, 1.0):
            pass
        os.close(pidfd)
    logger.info("drained", extra={"workers": len(ending)})
    return 0
