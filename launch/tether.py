"""Becomes another program that ends when the launcher ends, however that happens, even by `kill -9`.

The kernel sends the signal (Linux's parent-death signal). It is set after the change of user, which clears
it, and here rather than between fork and exec, where a program with threads must not run Python.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(signal: int, parent: int, uid: int, gid: int, command: list[str]) -> None:
    if uid != os.getuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # It ended before we could ask to be told.
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606  # no shell is wanted
    except OSError as problem:
        sys.exit(f"{command[0]} cannot be started: {problem.strerror}.")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:5]]
    main(numbers[0], numbers[1], numbers[2], numbers[3], sys.argv[5:])
