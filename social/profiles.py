"""Who somebody on X is now, asked of X while a payer looks at the page of the code: short, and only once."""

from __future__ import annotations

from accounts import lookups
from accounts.identities import Label
from accounts.models import Identity
from social import outside, posts, x

_ABSENT = {
    posts.Absence.SUSPENDED: Identity.Standing.SUSPENDED,
    posts.Absence.GONE: Identity.Standing.GONE,
}
_STANDING = {True: Identity.Standing.PROTECTED, False: Identity.Standing.PUBLIC, None: ""}


@lookups.of(Identity.Network.X)
def look_up(external_id: str) -> Label:
    """:raises lookups.Silent: if X does not say, or not in time"""
    try:
        found = posts.person(outside.hurried_x().user(external_id))
    except (x.Refused, x.Limited, x.Unreachable, posts.Malformed) as problem:
        raise lookups.Silent from problem
    if isinstance(found, posts.Absence):
        return Label(external_id, "", standing=_ABSENT[found])
    return label(found)


def label(person: posts.Person) -> Label:
    """What X said of somebody; how they stand only where it said whether they are protected."""
    return Label(
        person.id,
        person.handle,
        person.name,
        person.picture_url,
        person.joined_at,
        standing=_STANDING[person.is_protected],
    )
