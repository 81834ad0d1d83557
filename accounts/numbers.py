"""A phone number as somebody who can be paid: an identity, its member's from the moment they verify it.

Verifying and being paid may come in one instant, so both take the number's lock: whoever is second sees
what the first has done.
"""

from __future__ import annotations

from datetime import datetime

import phonenumbers
from django.db import connection, transaction

from accounts import identities, members
from accounts.models import Identity, User

_PHONE = Identity.Network.PHONE


@transaction.atomic
def verify(user: User, phone: str, *, at: datetime) -> None:
    """Make the number the user's, and theirs what it stands for; their old one stands for nobody again.

    :raises members.NumberTaken: if it is another member's
    """
    _lock(phone)
    members.verify_phone(user, phone, at=at)
    _give_up_others(user, phone, at=at)
    if known := _known(phone):
        _hand_over(known, user, at=at)


@transaction.atomic
def identity(phone: str, *, at: datetime) -> Identity:
    """Whoever has this number, which is in E.164: a member, or somebody who may join."""
    _lock(phone)
    label = identities.Label(phone, shown(phone))
    identities.see([label], network=_PHONE, at=at)
    known = Identity.objects.select_related("user").get(network=_PHONE, external_id=phone)
    holder = members.by_phone(phone)
    if holder and known.user_id != holder.pk:
        _hand_over(known, holder, at=at)
        known.refresh_from_db()
    return known


def shown(phone: str) -> str:
    """As people in France write it: 06 12 34 56 78."""
    number = phonenumbers.parse(phone)
    is_french = number.country_code == _FRANCE
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, form.NATIONAL if is_french else form.INTERNATIONAL))


def written(phone: str) -> str:
    """A regular expression, Python's and PostgreSQL's, of the number in all the ways that people write it."""
    number = phonenumbers.parse(phone)
    digits = _GAP.join(phonenumbers.national_significant_number(number))
    abroad = rf"(?:\+|00){number.country_code}{_GAP}(?:\(0\){_GAP})?"
    return f"(?<![0-9])(?:{abroad}|0{_GAP}){digits}(?![0-9])"


_FRANCE = 33
_GAP = "[^0-9A-Za-z]{0,2}"


def _hand_over(known: Identity, user: User, *, at: datetime) -> None:
    """To whom has the number now, whoever had it before."""
    if known.user and known.user != user:
        identities.unlink(known.user, network=_PHONE, at=at)
    _give_up_others(user, known.external_id, at=at)
    identities.link(
        user,
        network=_PHONE,
        external_id=known.external_id,
        handle=known.handle,
        name="",  # A number must not tell whose it is.
        picture_url="",
        joined_network_at=None,
        at=at,
    )


def _give_up_others(user: User, phone: str, *, at: datetime) -> None:
    """A member has one number: the one before is somebody else's some day."""
    before = identities.of(user, network=_PHONE)
    if before and before.external_id != phone:
        identities.unlink(user, network=_PHONE, at=at)


def _known(phone: str) -> Identity | None:
    known = Identity.objects.select_related("user")
    return known.filter(network=_PHONE, external_id=phone).first()


def _lock(phone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"number:{phone}"])
