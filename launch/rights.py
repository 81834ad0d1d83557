"""Whom PostgreSQL runs as: it refuses root, who lends it an account without rights, and a place."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PREFERRED = "nobody"
SHARED = Path("/var/lib/s-money")  # Only root can make it, so nobody can have put it in our way.


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


def substitute(folder: Path) -> Path:
    """Where root keeps for another account what belongs in a folder closed to that one, as under /root."""
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return SHARED / f"{folder.name.lstrip('.')}-{mark}"
