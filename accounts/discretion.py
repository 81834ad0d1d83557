"""Staff's reasons stay for good, chained: so they name nobody. A member has a number, an order a reference.

Whoever leaves is forgotten everywhere else; what is written into the trail could never be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from accounts.models import Identity, User

SHORTEST = 3  # Below it, a name is also a syllable.
_LEADS = (
    "user",
    "payer",
    "payee",
    "payee_user",
    "organiser",
    "order",
    "funding",
    "dossier",
    "refund",
    "payout",
    "chargeback",
)
_STEPS = 3


class Indiscreet(Exception):
    """The text names whom it is about."""


def check(text: str, *, about: Model) -> None:
    """Let pass what holds no name, number, address or handle of those whom the row is about.

    :raises Indiscreet: if it does
    """
    if text and any(_names(text, person) for person in _people(about, steps=_STEPS)):
        raise Indiscreet


def _people(row: Model | None, *, steps: int) -> Iterator[User | Identity]:
    """Members and identities that the row leads to."""
    if row is None or steps < 0:
        return
    if isinstance(row, User):
        yield row
        yield from row.identities.all()
    if isinstance(row, Identity):
        yield row
    yield from _people(_subject(row), steps=steps - 1)
    for name in _LEADS:
        if hasattr(row, f"{name}_id"):
            yield from _people(getattr(row, name), steps=steps - 1)


def _subject(row: Model) -> Model | None:
    """What a proposal is about: `accounts.user:12`."""
    label, colon, key = str(getattr(row, "about", "")).partition(":")
    if not colon:
        return None
    found: Model | None = apps.get_model(label)._default_manager.filter(pk=key).first()  # noqa: SLF001  # Django documents it by this name
    return found


def _names(text: str, person: User | Identity) -> bool:
    if isinstance(person, Identity):
        return _has_word(text, person.handle, re.IGNORECASE) or person.external_id in _digits(text)
    phone = str(person.phone or "")[-9:]
    return (
        any(_has_word(text, word, 0) for word in person.name.split())
        or bool(phone and phone in _digits(text))
        or bool(person.email and person.email.lower() in text.lower())
    )


def _has_word(text: str, word: str, flags: int) -> bool:
    return len(word) >= SHORTEST and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, flags) is not None


def _digits(text: str) -> str:
    """The numbers in it as they are dialled: 06 12 34 56 78 is one."""
    return re.sub(r"(?<=[0-9])[ .\u00a0\u202f/-](?=[0-9])", "", text)
