"""What staff do in journeys, whose own pages have tests of their own; run in the environment of the whole.

`python -m tests.journeys.charity accept PHONE HANDLE` signs up a charity of that member's with that account
on X, accepts it, and prints the address of its pages; `… lend SLUG` opens a loan to lenders.
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
django.setup()

from django.utils import timezone  # noqa: E402  # Django must be set up first

from accounts import dossiers, identities, organisations  # noqa: E402  # Django must be set up first
from accounts.models import Identity, Organisation, User  # noqa: E402  # Django must be set up first
from giving import loans  # noqa: E402  # Django must be set up first
from giving.models import Loan  # noqa: E402  # Django must be set up first
from payments import ledger  # noqa: E402  # Django must be set up first

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def accept(phone: str, handle: str) -> None:
    facts = organisations.Facts(
        name="Puits sans frontières",
        kind=Organisation.Kind.ASSOCIATION,
        siren="",
        rna=f"W75{phone[-7:]}",  # No two charities share a number.
        purpose="Creuser des puits.",
        street="102 rue de Paris",
        postcode="93100",
        city="Montreuil",
        website="",
    )
    made = organisations.found(facts, by=User.objects.get(phone=phone))
    dossiers.add(made.account, name="statuts.png", content=PNG)
    dossier, staff = dossiers.send(made.account), User.objects.filter(is_staff=True)[0]
    dossiers.open_documents(dossier, by=staff, reason="Next in the queue")
    dossiers.accept(dossier, by=staff)
    ledger.append(ledger.wallet(made.account))
    seen = Identity.objects.get(network=Identity.Network.X, handle=handle)
    identities.link(
        made.account,
        network=Identity.Network.X,
        external_id=seen.external_id,
        handle=handle,
        name="Puits sans frontières",
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )
    print(made.slug)  # noqa: T201  # whoever started it reads it


def lend(slug: str) -> None:
    loans.accept(Loan.objects.get(slug=slug), by=User.objects.filter(is_staff=True)[0], reason="Read")


if __name__ == "__main__":
    if sys.argv[1] == "accept":
        accept(*sys.argv[2:])
    else:
        lend(*sys.argv[2:])
