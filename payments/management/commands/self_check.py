"""`manage.py self_check`: proves that the books balance, rule by rule."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments import self_check


class Command(BaseCommand):
    help = "Checks every rule of the books; ends with 1 if one does not hold."

    def handle(self, *_args: Any, **_options: Any) -> None:
        breaches = {breach.rule: breach.rows for breach in self_check.run()}
        for rule in self_check.RULES:
            found = f"✗ {rule}: {breaches[rule]} rows break it" if rule in breaches else f"✓ {rule}"
            self.stdout.write(found)
        if breaches:
            sys.exit(1)
