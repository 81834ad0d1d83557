"""Organisations in tests: acf is a charity that léa signed up and that staff have accepted."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import dossiers, organisations
from accounts.models import Organisation, User
from payments import horizon, ledger
from tests.staff import hire

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def facts(**changes: Any) -> organisations.Facts:
    """What a charity says of itself."""
    said: dict[str, Any] = {
        "name": "Action contre la Faim",
        "kind": Organisation.Kind.ASSOCIATION,
        "siren": "318 990 892",
        "rna": "",
        "purpose": "Lutter contre la faim dans le monde.",
        "street": "102 rue de Paris",
        "postcode": "93100",
        "city": "Montreuil",
        "website": "",
    }
    return organisations.Facts(**(said | changes))


def accept(organisation: Organisation, reviewer: User) -> Organisation:
    """As staff do: a document, looked at for a reason, and found good."""
    dossiers.add(organisation.account, name="statuts.png", content=PNG)
    dossier = dossiers.send(organisation.account)
    dossiers.open_documents(dossier, by=reviewer, reason="Next in the queue")
    dossiers.accept(dossier, by=reviewer)
    ledger.append(ledger.wallet(organisation.account))
    return Organisation.objects.select_related("account").get(pk=organisation.pk)


@pytest.fixture
def acf(lea: User) -> Organisation:
    reviewer = hire("Rose Contrôle", "+33612340021")
    return accept(organisations.found(facts(), by=lea), reviewer)


# As the product asks, but of this database alone: tests beside these have transactions of their own.
_OPEN = """
    SELECT coalesce(min(backend_xid::text::bigint),
                    max(pg_snapshot_xmax(pg_current_snapshot())::text::bigint))
      FROM pg_stat_activity WHERE datname = current_database()
"""


@pytest.fixture
def own_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A horizon that other workers' transactions do not hold back."""
    monkeypatch.setattr(horizon, "_OPEN", _OPEN)
