"""Whom PostgreSQL runs as: it refuses root, who lends it an account without rights, and a place."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from launch.place import ROOT

PREFERRED = "nobody"


class Account(NamedTuple):
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        return self.uid != os.getuid()


def unprivileged() -> Account:
    """Ourselves, or for root `nobody`, or the first account that is not root's."""
    if os.getuid():
        return Account(os.getuid(), os.getgid())
    entries: Iterable[pwd.struct_passwd] = pwd.getpwall()
    entry = min((entry for entry in entries if entry.pw_uid), key=lambda entry: entry.pw_name != PREFERRED)
    return Account(entry.pw_uid, entry.pw_gid)


def reaches(account: Account, path: Path) -> bool:
    """Whether the account can enter the folder, or run the file."""
    if not account.is_other:
        return True
    finished = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', str(path)],
        user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False,
    )  # fmt: skip
    return finished.returncode == 0


def open_folder(folder: Path) -> Path:
    """The folder, made; root's can be walked through by others, though not listed."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        folder.chmod(0o711)
    return folder


def outside_home() -> Path:
    """Where root keeps what another account must reach, if the checkout is closed to it, as under /root.

    Only root can make folders there, so nobody can have put one of that name in our way.
    """
    return Path("/var/lib") / f"s-money-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
