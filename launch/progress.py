"""Tells the person at the terminal what happens: a line for each step with its time, on standard error.

Standard output stays free for results, so that `./run bench` and `./run manage` can be piped.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Iterator

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def say(line: str = "") -> None:
    with contextlib.suppress(
        OSError
    ):  # The terminal may be gone; the processes must be stopped all the same.
        print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say `what` when it is done, with its time; turn a wheel meanwhile if somebody looks."""
    start = time.monotonic()
    done = threading.Event()
    wheel = threading.Thread(target=_turn, args=(what, start, done), daemon=True)
    if sys.stderr.isatty():
        wheel.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        done.set()
        if wheel.ident:
            wheel.join()
        say(f"{mark} {what}  {time.monotonic() - start:.1f} s")


def _turn(what: str, start: float, done: threading.Event) -> None:
    with contextlib.suppress(OSError):
        for frame in itertools.cycle(FRAMES):
            sys.stderr.write(f"\r{frame} {what}  {time.monotonic() - start:.0f} s")
            sys.stderr.flush()
            if done.wait(0.1):
                break
        sys.stderr.write("\r\x1b[2K")
