"""Starts programs, watches them, starts again what dies unasked, and leaves none of them behind.

Each is one process in a group of its own, tied to the launcher's life by the kernel (see `tether`). Start
them from the main thread: the kernel takes the end of the thread that started a program for the launcher's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from launch import logs
from launch.progress import say

TETHER = Path(__file__).with_name("tether.py")
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30
CALM_SECONDS = 60
TICK_SECONDS = 0.05
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotStarted(Exception):
    """A program ended or did not answer; the message holds the end of its log."""


class Stopped(KeyboardInterrupt):
    """Somebody asked the launcher to end, by Ctrl-C or a signal."""


def always(_pid: int) -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """What to start, and how it wants to be treated."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    uid: int = field(default_factory=os.getuid)
    gid: int = field(default_factory=os.getgid)
    cwd: Path = Path("/")
    is_ready: Callable[[int], bool] = always
    before: Callable[[], None] = lambda: None  # done before each start
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL  # S-Money's own processes lose nothing by it
    patience_seconds: float = 8
    is_server: bool = False  # stopped after those that use it

    def spawn(self, **streams: object) -> subprocess.Popen[bytes]:
        words = (int(self.orphaned), os.getpid(), self.uid, self.gid)
        command = [sys.executable, "-I", "-S", str(TETHER), *map(str, words), *self.command]
        return subprocess.Popen(command, env=dict(self.environment), cwd=self.cwd, **streams)  # type: ignore[call-overload, no-any-return]  # the streams are Popen's own


class Child:
    """A program that runs, and its log."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.log = logs.Follower(folder / f"{program.name}.log")
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.program.before()
        with self.log.path.open("ab") as log:
            self.process = self.program.spawn(
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )
        self.started_at = time.monotonic()
        self.starts += 1
        self.restart_at = 0.0

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def look(self) -> None:
        """Say what went wrong since the last look; start the program again if it died, later each time."""
        for complaint in self.log.complaints():
            say(f"{self.program.name}: {complaint}")
        if self.is_alive:
            return
        now = time.monotonic()
        if not self.restart_at:
            self._plan_restart(now)
        elif now >= self.restart_at:
            self.start()

    def _plan_restart(self, now: float) -> None:
        if now - self.started_at > CALM_SECONDS:
            self.starts = 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.starts - 1), LONGEST_PAUSE_SECONDS)
        self.restart_at = now + pause
        what = ending(self.process.returncode)
        say(f"{self.program.name} {what}; starting it again in {pause:g} s ({self.log.path})")

    def ask_to_stop(self) -> None:
        if self.is_alive:
            self.process.send_signal(self.program.stop)

    def end(self, deadline: float) -> None:
        """Wait for its end until the deadline, then make an end of it and of whatever it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Processes:
    """All that one launcher started; leaving the `with` stops them in order."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, _stop) for number in ENDING_SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # Impatience must not leave processes behind.
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, *programs: Program) -> None:
        """Start them all, then wait for none: see `wait`."""
        self.children += [Child(program, self.folder) for program in programs]

    def wait(self, *names: str, timeout_seconds: float = 60) -> None:
        """Wait until the named programs answer.

        :raises NotStarted: if one ends, or does not answer in time
        """
        deadline = time.monotonic() + timeout_seconds
        waiting = [child for child in self.children if child.program.name in names]
        while waiting:
            for child in waiting:
                if not child.is_alive or time.monotonic() > deadline:
                    raise NotStarted(_why(child))
            waiting = [child for child in waiting if not child.program.is_ready(child.process.pid)]
            time.sleep(TICK_SECONDS)

    def watch(self) -> None:
        """Look after everything once."""
        for child in self.children:
            child.look()

    def watch_forever(self) -> None:
        while True:
            self.watch()
            time.sleep(0.2)

    def output(self, program: Program) -> str:
        """Run a program to its end; what it wrote to standard output.

        :raises NotStarted: if it fails
        """
        log = logs.Follower(self.folder / f"{program.name}.log")
        with log.path.open("ab") as errors:
            process = program.spawn(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            try:
                output = process.communicate()[0]
            finally:
                process.kill()
                process.wait()
        if process.returncode:
            raise NotStarted(f"{program.name} {ending(process.returncode)}:\n{log.last_words()}")
        return output.decode()

    def foreground(self, program: Program, *, is_aside: bool = False) -> int:
        """Run a program at the terminal, which is its own meanwhile; its exit code as a shell gives it.

        What it says aside leaves standard output to us.
        """
        process = program.spawn(stdout=sys.stderr) if is_aside else program.spawn()
        with _leaving_the_keyboard_to(process):
            while process.poll() is None:
                self.watch()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    def stop(self) -> None:
        """Stop those that use the servers, then the servers."""
        for is_server in (False, True):
            children = [child for child in self.children if child.program.is_server == is_server]
            for child in children:
                child.ask_to_stop()
            start = time.monotonic()
            for child in children:
                child.end(start + child.program.patience_seconds)
        self.children.clear()


def ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _why(child: Child) -> str:
    what = "does not answer" if child.is_alive else ending(child.process.returncode)
    return f"{child.program.name} {what}. The end of {child.log.path}:\n{child.log.last_words()}"


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


@contextlib.contextmanager
def _leaving_the_keyboard_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ctrl-C reaches the program by itself; what is sent to the launcher alone is passed on."""
    previous = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if process.poll() is None:
            process.kill()
            process.wait()
