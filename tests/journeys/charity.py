"""`python -m tests.journeys.charity PHONE HANDLE`: a reviewed charity of that member's, by that account on X.

Run in the environment of the whole; prints the address of its pages. Staff's part has tests of its own.
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
django.setup()

from django.utils import timezone  # noqa: E402  # Django must be set up first

from accounts import dossiers, identities, organisations  # noqa: E402  # the same
from accounts.models import Identity, Organisation, User  # noqa: E402  # the same
from payments import ledger  # noqa: E402  # the same

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def main(phone: str, handle: str) -> None:
    facts = organisations.Facts(
        name="Puits sans frontières",
        kind=Organisation.Kind.ASSOCIATION,
        siren="318990892",
        rna="",
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


if __name__ == "__main__":
    main(*sys.argv[1:])
