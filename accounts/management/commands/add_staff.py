"""`manage.py add_staff`: a member of staff with a second factor, for who cannot ask another one."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import phones, staff


class Command(BaseCommand):
    help = (
        "Makes a member of staff; reads the password from standard input, prints the authenticator's address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("phone", help="French mobile number")
        parser.add_argument("name")
        parser.add_argument(
            "--role", action="append", choices=staff.Role.values, default=[], help="beside looking"
        )

    def handle(self, *_args: Any, phone: str, name: str, role: list[str], **_options: Any) -> None:
        # The application's role can make nobody staff; the tables' owner can.
        using = "owner" if "owner" in settings.DATABASES else "default"
        password = sys.stdin.readline().strip()
        try:
            validate_password(password)
            number = phones.parse(phone)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        except phones.NotAFrenchMobile as problem:
            raise CommandError(f"{phone} is not a French mobile number.") from problem
        roles = tuple(map(staff.Role, role))
        otpauth = staff.enrol(
            number, name=name, password=password, at=timezone.now(), roles=roles, using=using
        )
        self.stdout.write(json.dumps({"name": name, "phone": number, "otpauth": otpauth}))
