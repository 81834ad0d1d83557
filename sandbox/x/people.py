"""People of the sandbox's X: made and renamed here, and nowhere else."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from sandbox.x import events
from sandbox.x.models import Person

_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
TREATMENTS = frozenset({"is_suspended", "is_protected", "is_verified"})
_RESERVED = frozenset({"i", "compose", "people", "webhooks"})  # pages have these addresses


class HandleTaken(Exception):
    """Somebody else has this handle."""


class NotAHandle(Exception):
    """A handle is 1 to 15 of A-Z, a-z, 0-9 and _."""


def create(
    handle: str, *, name: str = "", id: int | None = None, joined_at: datetime | None = None
) -> Person:
    """A new person.

    :raises NotAHandle: if X would not allow the handle
    :raises HandleTaken: if somebody has it
    """
    handle = _checked(handle)
    person = Person(handle=handle, name=(name or handle)[:50])
    if id is not None:
        person.id = id
    if joined_at is not None:
        person.joined_at = joined_at
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as problem:
        raise HandleTaken(handle) from problem
    return person


def rename(person: Person, *, handle: str) -> Person:
    """Give the person another handle, which frees the old one for anybody.

    :raises NotAHandle: if X would not allow the handle
    :raises HandleTaken: if somebody has it
    """
    before, handle = person.handle, _checked(handle)
    if before == handle:
        return person
    try:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(handle=handle)
            person.handle = handle
            events.handle_changed(person, before=before)
    except IntegrityError as problem:
        person.handle = before
        raise HandleTaken(handle) from problem
    return person


def treat(person: Person, **standing: bool) -> Person:
    """Suspend or protect the person, or neither any more: `is_suspended`, `is_protected`, `is_verified`."""
    for name in TREATMENTS & standing.keys():
        setattr(person, name, standing[name])
    person.save(update_fields=sorted(TREATMENTS & standing.keys()))
    return person


def by_handle(handle: str) -> Person | None:
    return Person.objects.filter(handle=handle.removeprefix("@")).first()


def _checked(handle: str) -> str:
    handle = handle.strip().removeprefix("@")
    if not _HANDLE.fullmatch(handle) or handle.lower() in _RESERVED:
        raise NotAHandle(handle)
    return handle
