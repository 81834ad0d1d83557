"""Reads the logs as they grow and picks out what went wrong, so that nobody has to watch eight files."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

BAD_LEVELS = {"ERROR", "CRITICAL"}
BAD_LINE = re.compile(r"^(ERROR|CRITICAL)\b|\b(FATAL|PANIC): ")
NUMBER = re.compile(r"[0-9]+")  # Process ids and times do not make another error.
QUIET_SECONDS = 30
LARGEST_BYTES = 5_000_000


class Follower:
    """What is new in one log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        self._offset = path.stat().st_size if path.exists() else 0
        self._is_in_traceback = False
        self._said: dict[str, float] = {}

    def complaints(self) -> Iterator[str]:
        """Yield a line for each new error; one that repeats is said once in a while."""
        for line in self._new_lines():
            complaint = self._complaint(line)
            kind = NUMBER.sub("", complaint)
            now = time.monotonic()
            if complaint and now - self._said.get(kind, -QUIET_SECONDS) >= QUIET_SECONDS:
                self._said[kind] = now
                yield complaint

    def last_words(self, lines: int = 12) -> str:
        text = self.path.read_text(encoding="utf-8", errors="replace") if self.path.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def _new_lines(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as log:
            log.seek(self._offset)
            new = log.read()
        whole = new[: new.rfind(b"\n") + 1]  # The rest of the last line is still being written.
        self._offset += len(whole)
        return whole.decode(errors="replace").splitlines()

    def _complaint(self, line: str) -> str:
        if line.startswith("{"):
            return _of_json(line)
        if self._is_in_traceback and not line.startswith((" ", "\t")):
            self._is_in_traceback = False
            return line
        if line.startswith("Traceback (most recent call last)"):
            self._is_in_traceback = True
        return line if BAD_LINE.search(line) else ""


def _of_json(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    if str(entry.get("level", "")).upper() not in BAD_LEVELS:
        return ""
    cause = str(entry.get("exception", "")).strip().rsplit("\n", 1)[-1]
    return f"{str(entry.get('message', '')).split(chr(10), 1)[0]} {cause}".strip()
