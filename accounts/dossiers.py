"""How a member shows who they are: documents that only a reviewer opens, with a reason that is kept.

A document's type is what its first bytes say. It is encrypted in the database, served to nobody else,
and purged some time after the decision.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts import audit, crypto, tiers
from accounts.evidence import LARGEST
from accounts.models import AuditEntry, Document, Dossier, Organisation, User

MOST_DOCUMENTS = 4
KEPT_FOR = timedelta(days=30)  # After the decision.
OPEN_FOR = timedelta(minutes=15)  # After the reason was given.

_OPEN = (Dossier.Status.DRAFT, Dossier.Status.WAITING)
_SIGNATURES = (
    (b"\xff\xd8\xff", Document.MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", Document.MediaType.PNG),
    (b"%PDF-", Document.MediaType.PDF),
)


class NotADocument(Exception):
    """It is neither JPEG nor PNG nor PDF, whatever its name."""


class TooLarge(Exception):
    """It is larger than a document may be."""


class TooMany(Exception):
    """The dossier holds as many as it may."""


class NothingToSend(Exception):
    """There is no document in it."""


class DossierClosed(Exception):
    """It waits for staff, or was accepted: nothing is added, sent or decided any more."""


class NotOpened(Exception):
    """Who wants to read it has given no reason lately."""


def latest(user: User) -> Dossier | None:
    """The member's newest dossier."""
    return Dossier.objects.filter(user=user).order_by("-pk").first()


def settles_name(user: User) -> bool:
    """Whether the member's name is the one that was checked, or is being checked; the database asks, too."""
    is_known = user.tier != User.Tier.PHONE
    return is_known or Dossier.objects.filter(user=user, status=Dossier.Status.WAITING).exists()


@transaction.atomic
def add(user: User, *, name: str, content: bytes) -> Document:
    """Put a document into the member's dossier, which is begun by its first one.

    :raises NotADocument: by its first bytes
    :raises TooLarge: by its length
    :raises TooMany: if there are as many as there may be
    :raises DossierClosed: while one waits for staff
    """
    media_type = next((kind for bytes_, kind in _SIGNATURES if content.startswith(bytes_)), None)
    if media_type is None:
        raise NotADocument
    if len(content) > LARGEST:
        raise TooLarge
    dossier = _draft(user)
    if dossier.documents.count() >= MOST_DOCUMENTS:
        raise TooMany
    secret = crypto.encrypt_bytes(content)
    return Document.objects.create(
        dossier=dossier, name=name[:100], media_type=media_type, size=len(content), content=secret
    )


@transaction.atomic
def remove(user: User, document: int) -> None:
    """Take a document of the member's own out again.

    :raises DossierClosed: when it was sent
    """
    Document.objects.filter(pk=document, dossier=_draft(user)).delete()


@transaction.atomic
def send(user: User) -> Dossier:
    """Give it to staff.

    :raises NothingToSend: without a document
    :raises DossierClosed: when it was sent before
    """
    dossier = _draft(user)
    if not dossier.documents.exists():
        raise NothingToSend
    Dossier.objects.filter(pk=dossier.pk).update(status=Dossier.Status.WAITING, sent_at=Now())
    dossier.refresh_from_db()
    return dossier


def open_documents(dossier: Dossier, *, by: User, reason: str) -> None:
    """Say why the documents are looked at: looking is an act."""
    audit.record(by, "documents.opened", about=dossier, before=None, after=None, reason=reason)


def is_opened(dossier: Dossier, *, by: User) -> bool:
    """Whether that person gave a reason lately."""
    acts = AuditEntry.objects.filter(about=audit.name(dossier), staff=by, act="documents.opened")
    return acts.filter(at__gt=Now() - OPEN_FOR).exists()


def read(document: Document, *, by: User) -> bytes:
    """What is in it.

    :raises NotOpened: without a reason
    :raises Document.DoesNotExist: if it was purged
    """
    if not is_opened(document.dossier, by=by):
        raise NotOpened
    if document.content is None:
        raise Document.DoesNotExist
    return crypto.decrypt_bytes(document.content)


@transaction.atomic
def accept(dossier: Dossier, *, by: User) -> Dossier:
    """The documents show who the member is: their tier follows.

    :raises NotOpened: by who has not looked at them
    :raises DossierClosed: if somebody was quicker
    :raises tiers.NumberTaken: if another organisation of its number was accepted before
    """
    accepted = _decide(dossier, by, Dossier.Status.ACCEPTED)
    with suppress(tiers.NotHigher):
        if Organisation.objects.filter(account=accepted.user).exists():
            tiers.admit(accepted.user)
        else:
            tiers.raise_to(accepted.user, User.Tier.IDENTIFIED)
    return accepted


@transaction.atomic
def refuse(dossier: Dossier, *, by: User, problem: Dossier.Problem) -> Dossier:
    """They do not; the member reads why, and may try again.

    :raises NotOpened: by who has not looked at them
    :raises DossierClosed: if somebody was quicker
    """
    return _decide(dossier, by, Dossier.Status.REFUSED, problem=problem)


@transaction.atomic
def purge_due() -> int:
    """Forget the documents of what was decided long enough ago; return of how many dossiers."""
    due = Dossier.objects.filter(purged_at=None, decided_at__lt=Now() - KEPT_FOR).values_list("pk", flat=True)
    keys = list(due.select_for_update(skip_locked=True)[:100])
    Document.objects.filter(dossier__in=keys).update(content=None, name="")
    return Dossier.objects.filter(pk__in=keys).update(purged_at=Now())


def erase(user: User) -> None:
    """Forget the documents of somebody who leaves, and wait for no decision on them; decisions stay."""
    theirs = Dossier.objects.filter(user=user)
    Document.objects.filter(dossier__in=theirs).delete()
    theirs.filter(status=Dossier.Status.WAITING).update(status=Dossier.Status.DRAFT, sent_at=None)
    theirs.filter(purged_at=None, decided_at__isnull=False).update(purged_at=Now())


def _draft(user: User) -> Dossier:
    """The member's dossier, locked, as long as it can be changed; a new one if there is none."""
    if Dossier.objects.filter(user=user, status=Dossier.Status.ACCEPTED).exists():
        raise DossierClosed
    found, _made = Dossier.objects.get_or_create(user=user, status__in=_OPEN, defaults={"user": user})
    dossier = Dossier.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    if dossier.status != Dossier.Status.DRAFT:
        raise DossierClosed
    return dossier


def _decide(dossier: Dossier, by: User, status: Dossier.Status, *, problem: str = "") -> Dossier:
    if not is_opened(dossier, by=by):
        raise NotOpened
    waiting = Dossier.objects.filter(pk=dossier.pk, status=Dossier.Status.WAITING)
    if not waiting.update(status=status, decided_by=by, decided_at=Now(), problem=problem):
        raise DossierClosed
    act = "dossier.accepted" if status == Dossier.Status.ACCEPTED else "dossier.refused"
    audit.record(by, act, about=dossier, before=None, after={"problem": problem} if problem else None)
    dossier.refresh_from_db()
    return dossier
