"""`manage.py open_sealed`: who a former member was, for whoever the law obliges us to tell; with a reason."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import discretion, members, sealing
from accounts.models import User


class Command(BaseCommand):
    help = "Prints the sealed record of a former member; that it was opened, by whom and why is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("member", type=int, help="the number of the former member")
        parser.add_argument("--staff", required=True, help="your own mobile number, as +33612345678")
        parser.add_argument("--reason", required=True, help="kept for good; name nobody in it")

    def handle(self, *, member: int, staff: str, reason: str, **_options: Any) -> None:
        by, user = members.by_phone(staff), User.objects.filter(pk=member).first()
        if by is None or user is None:
            raise CommandError("There is no such member, or no such member of staff.")
        try:
            known = sealing.open_record(user, by=by, reason=reason)
        except sealing.NotAllowed as problem:
            raise CommandError("Only who checks identities opens it.") from problem
        except sealing.NothingSealed as problem:
            raise CommandError("Nothing is sealed of this member, or nothing any more.") from problem
        except (sealing.NoReason, discretion.Indiscreet) as problem:
            raise CommandError("It takes a reason, which names nobody.") from problem
        self.stdout.write(json.dumps(known, ensure_ascii=False, indent=2))
