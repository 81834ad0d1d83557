"""`./run check`: all that CI runs; the tests come last, so that their summary is the end of it."""

from __future__ import annotations

import itertools
from pathlib import Path

from launch import audit, lint, messages, place, testing
from launch.lint import Check
from launch.progress import say

TEMPLATES = ("templates", "accounts", "payments", "giving", "shop", "social", "sandbox")

DEPTRY = ("deptry", "--no-ansi", "--config", "requirements/deptry.toml")
PRODUCT = ("accounts", "payments", "giving", "shop", "social", "smoney")
REST = ("sandbox", "launch", "tests")
ALL_IN = "requirements/base.in,requirements/demo.in,requirements/dev.in"

STATIC = (
    Check("types", ("mypy", ".", lint.LAUNCHER)),
    Check(
        "types of the sandbox",
        ("mypy", "--config-file", "sandbox/mypy.ini", "--cache-dir", ".mypy_cache/sandbox", "sandbox"),
    ),
    Check("dependencies of the product", (*DEPTRY, "--requirements-files", "requirements/base.in", *PRODUCT)),
    Check("dependencies of the rest", (*DEPTRY, "--ignore", "DEP002", "--requirements-files", ALL_IN, *REST)),
)
# These ask Django, which needs its servers.
WITH_SERVERS = (
    Check("migrations are complete", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    Check("Django's system checks", ("python", "manage.py", "check", "--fail-level", "WARNING")),
)


def main(args: list[str]) -> int:
    with testing.own_servers(is_durable=False) as (processes, variables):
        results = [
            lint.all_pass((*lint.CHECKS, *STATIC, *_of_templates(), *WITH_SERVERS), variables),
            _every_message_is_translated(),
            audit.passes(),
        ]
        code = testing.pytest(processes, variables, args)
    if not all(results):
        say("Not everything passed: see the lines with ✗ above.")
    return code if all(results) else code or 1


def _of_templates() -> tuple[Check, ...]:
    files = [str(path.relative_to(place.ROOT)) for path in _templates()]
    if not files:
        return ()
    return (
        Check("templates as Django's", ("djade", "--check", "--target-version", "5.2", *files)),
        Check("templates as HTML", ("djlint", "--lint", "--quiet", *files)),
    )


def _templates() -> list[Path]:
    folders = [place.ROOT / name for name in TEMPLATES]
    return sorted(itertools.chain.from_iterable(folder.rglob("*.html") for folder in folders))


def _every_message_is_translated() -> bool:
    is_fine = messages.main(["--check"]) == 0
    say(f"{'✓' if is_fine else '✗'} translations")
    return is_fine
