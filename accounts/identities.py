"""Who is who on a network: the only writer of an identity's user, of its label, and of the history of both.

A handle is a label: which ones an identity bore, a trigger keeps (`Handle`), whichever way it was renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat, Greatest, Now, Upper

from accounts import arrays, prepared
from accounts.models import Handle, Identity, IdentityLink, User
from accounts.prepared import Prepared

ERASED = "erased-"  # Before the row's own number, where the network's was.


class AlreadyLinked(Exception):
    """The identity is somebody else's."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity.pk)
        self.identity = identity


class HasAnother(Exception):
    """The user has another identity on that network."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity.pk)
        self.identity = identity


class NotLinked(Exception):
    """The user has no identity on that network."""


def link(  # noqa: PLR0913  # what a network tells of a person
    user: User,
    *,
    network: Identity.Network,
    external_id: str,
    handle: str,
    name: str,
    picture_url: str,
    joined_network_at: datetime | None,
    at: datetime,
) -> Identity:
    """Make the network's person `external_id` the user's; linking what is linked refreshes its labels.

    :raises AlreadyLinked: if it is somebody else's
    :raises HasAnother: if the user has another one there
    """
    identity, _ = Identity.objects.update_or_create(
        network=network,
        external_id=external_id,
        defaults={
            "handle": handle,
            "name": name,
            "picture_url": picture_url,
            "joined_network_at": joined_network_at,
            "seen_at": at,
        },
    )
    if identity.user_id != user.pk:
        _link(identity, user, at=at)
    # Linked anew: what was posted while access was taken back is no order.
    Identity.objects.filter(pk=identity.pk, revoked_at__isnull=False).update(revoked_at=None, linked_at=at)
    return Identity.objects.get(pk=identity.pk)


@dataclass(frozen=True, slots=True)
class Label:
    """What a network says now of one of its people; empty where it said nothing."""

    external_id: str
    handle: str
    name: str = ""
    picture_url: str = ""
    joined_network_at: datetime | None = None
    standing: str = ""  # An `Identity.Standing`, where the network described them in full.


def see(labels: Iterable[Label], *, network: Identity.Network, at: datetime) -> None:
    """Know these people, or know them better: in one statement, and without a word on whose they are."""
    prepared.run(seeing(labels, network=network, at=at))


def seeing(labels: Iterable[Label], *, network: Identity.Network, at: datetime) -> prepared.Call:
    """What does as `see`, for `prepared.run`."""
    rows = sorted({label.external_id: label for label in labels}.values(), key=lambda row: row.external_id)
    return _SEE(
        network=network.value,
        at=at,
        ids=arrays.written([row.external_id for row in rows]),
        handles=arrays.written([row.handle[:32] for row in rows]),
        names=arrays.written([row.name[:80] for row in rows]),
        pictures=arrays.written([row.picture_url if len(row.picture_url) <= _URL else "" for row in rows]),
        joined=arrays.written([row.joined_network_at for row in rows]),
        standings=arrays.written([row.standing for row in rows]),
    )


_URL = 300
# Sorted, so that two pages do not wait for each other; an older page does not undo a newer one. Somebody who
# was seen within the minute, and is as they were, is not written again: a poll repeats what it has read.
_SEE = Prepared(
    "see_people",
    """
INSERT INTO accounts_identity AS known
       (network, external_id, handle, name, picture_url, joined_network_at, seen_at, standing, described_at)
SELECT %(network)s, id, handle, name, picture, joined, %(at)s,
       standing, CASE WHEN standing <> '' THEN %(at)s END
  FROM unnest(%(ids)s, %(handles)s, %(names)s, %(pictures)s, %(joined)s, %(standings)s)
       AS seen (id, handle, name, picture, joined, standing)
    ON CONFLICT (network, external_id) DO UPDATE
   SET handle = COALESCE(NULLIF(excluded.handle, ''), known.handle),
       name = COALESCE(NULLIF(excluded.name, ''), known.name),
       picture_url = COALESCE(NULLIF(excluded.picture_url, ''), known.picture_url),
       joined_network_at = COALESCE(excluded.joined_network_at, known.joined_network_at),
       standing = COALESCE(NULLIF(excluded.standing, ''), known.standing),
       described_at = COALESCE(excluded.described_at, known.described_at),
       seen_at = excluded.seen_at
 WHERE known.seen_at <= excluded.seen_at
   AND (known.seen_at < excluded.seen_at - interval '1 minute'
        OR excluded.handle NOT IN ('', known.handle)
        OR excluded.name NOT IN ('', known.name)
        OR excluded.picture_url NOT IN ('', known.picture_url)
        OR excluded.joined_network_at <> coalesce(known.joined_network_at, '-infinity')
        OR excluded.standing NOT IN ('', known.standing))
""",
    network="text",
    at="timestamptz",
    ids="text[]",
    handles="text[]",
    names="text[]",
    pictures="text[]",
    joined="timestamptz[]",
    standings="text[]",
)


def unlink(user: User, *, network: Identity.Network, at: datetime) -> Identity:
    """Take the user from their identity on the network; it stays, and its history.

    :raises NotLinked: if there is none
    """
    with transaction.atomic():
        identity = Identity.objects.select_for_update().filter(user=user, network=network).first()
        if identity is None:
            raise NotLinked
        Identity.objects.filter(pk=identity.pk).update(user=None, linked_at=None, revoked_at=None)
        IdentityLink.objects.filter(identity=identity, unlinked_at=None).update(unlinked_at=at)
    identity.user = identity.linked_at = None
    return identity


def revoke(network: Identity.Network, external_id: str, *, at: datetime) -> Identity | None:
    """Note that they took back our access there; the identity, unless it was linked since or known so."""
    linked = Identity.objects.filter(network=network, external_id=external_id, user__isnull=False)
    if not linked.filter(revoked_at=None, linked_at__lte=at).update(revoked_at=at):
        return None
    return linked.select_related("user").first()


def erase(user: User) -> list[Identity]:
    """Forget who the user was on networks, and unlink them; return the identities as they were.

    Orders lead to the row still, which is nobody's and of no number: whoever comes back with the same
    number has another one. The handles that it bore go with the last of them (by trigger). What somebody
    else has linked since is theirs.
    """
    theirs = list(Identity.objects.select_for_update().filter(_is_theirs(user)).order_by("pk"))
    links = IdentityLink.objects.filter(user=user)
    links.filter(unlinked_at=None).update(unlinked_at=Greatest(Now(), F("linked_at")))
    Identity.objects.filter(pk__in=[identity.pk for identity in theirs]).update(
        user=None,
        linked_at=None,
        external_id=Concat(Value(ERASED), Cast("pk", CharField())),
        handle="",
        name="",
        picture_url="",
        joined_network_at=None,
        standing="",
        described_at=None,
        refuses_since=None,
        revoked_at=None,
    )
    return theirs


def handles(user: User, *, network: Identity.Network) -> set[str]:
    """Those that they bear there, and bore, but for what is somebody else's now."""
    theirs = Identity.objects.filter(_is_theirs(user), network=network)
    borne = set(Handle.objects.filter(identity__in=theirs).values_list("handle", flat=True))
    others = Identity.objects.filter(network=network).exclude(pk__in=theirs.values("pk"))
    taken = others.annotate(upper=Upper("handle")).filter(upper__in=[handle.upper() for handle in borne])
    gone = set(taken.values_list("upper", flat=True))
    return {handle for handle in borne if handle.upper() not in gone}


def refuse_payments(identity: Identity, *, at: datetime) -> None:
    """Note their wish not to be paid."""
    Identity.objects.filter(pk=identity.pk, refuses_since=None).update(refuses_since=at)


def accept_payments(identity: Identity) -> None:
    """They are glad to be paid again."""
    Identity.objects.filter(pk=identity.pk).update(refuses_since=None)


def of(user: User, *, network: Identity.Network) -> Identity | None:
    """The user's identity on the network."""
    return Identity.objects.filter(user=user, network=network).first()


def _is_theirs(user: User) -> Q:
    """What was theirs and is nobody's is theirs still."""
    return Q(user=user) | Q(user=None, pk__in=IdentityLink.objects.filter(user=user).values("identity"))


def _link(identity: Identity, user: User, *, at: datetime) -> None:
    """Two constraints decide races: an identity has one user at a time, a user one identity a network."""
    try:
        with transaction.atomic():
            if not Identity.objects.filter(pk=identity.pk, user=None).update(user=user, linked_at=at):
                # Linked already; by this user's other tab, perhaps.
                if Identity.objects.filter(pk=identity.pk, user=user).exists():
                    return
                raise AlreadyLinked(identity)
            IdentityLink.objects.create(identity=identity, user=user, linked_at=at)
    except IntegrityError:
        another = of(user, network=Identity.Network(identity.network))
        if another is None:
            raise
        raise HasAnother(another) from None
