"""Known weaknesses of what is pinned, by pip-audit; a package that it skipped counts as one.

pip-audit itself is content when it could look nothing up, so its list is held against the pinned one.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
from typing import Any

from launch import place
from launch.progress import say

DATABASE = "api.osv.dev"  # pip-audit's `osv`
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
PINNED_FILE = place.REQUIREMENTS / "dev.txt"
TIMEOUT_SECONDS = 5


def passes() -> bool:
    """Whether nothing known is wrong; without a network that is not known, which is said and does no harm."""
    if not _database_answers():
        say(f"– known weaknesses: not looked up, {DATABASE} does not answer from here.")
        return True
    command = [
        place.program("pip-audit"),
        "--requirement",
        str(PINNED_FILE),
        "--disable-pip",
        "--require-hashes",
    ]
    found = subprocess.run(
        [*command, "--vulnerability-service", "osv", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        problems = complaints(json.loads(found.stdout)["dependencies"], pinned())
    except (ValueError, KeyError):
        problems = [found.stderr.strip() or "pip-audit says nothing."]
    say(f"{'✗' if problems else '✓'} known weaknesses")
    for problem in problems:
        say(f"  {problem}")
    return not problems


def complaints(dependencies: list[dict[str, Any]], names: set[str]) -> list[str]:
    """A sentence for each weak package, each skipped one, and each pinned one that was not looked at."""
    lines = []
    for entry in dependencies:
        if "skip_reason" in entry:
            lines.append(f"{entry['name']} was skipped: {entry['skip_reason']}")
        lines += [
            f"{entry['name']} {entry['version']}: {weakness['id']}, mended in {weakness['fix_versions']}"
            for weakness in entry.get("vulns", [])
        ]
    missed = names - {canonical(str(entry["name"])) for entry in dependencies}
    return lines + [f"{name} was not looked up." for name in sorted(missed)]


def pinned() -> set[str]:
    """The packages that are installed here: those for other systems are nobody's weakness on this one."""
    text = PINNED_FILE.read_text(encoding="utf-8")
    here = [line for line in text.splitlines() if ";" not in line]
    return {canonical(name) for name in PINNED.findall("\n".join(here))}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _database_answers() -> bool:
    try:
        socket.create_connection((DATABASE, 443), timeout=TIMEOUT_SECONDS).close()
    except OSError:
        return False
    return True
