"""Pictures of campaigns: JPEG or PNG by their first bytes, served as such and as nothing else."""

from __future__ import annotations

from hashlib import sha256

from giving.models import Campaign, CampaignPicture

LARGEST = 2 * 1024 * 1024  # Bytes.
_BEGINNINGS = (
    (b"\xff\xd8\xff", CampaignPicture.MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", CampaignPicture.MediaType.PNG),
)


class NotAPicture(Exception):
    """It is neither JPEG nor PNG, whatever its name."""


class TooLarge(Exception):
    """It is more than we keep."""


def media_type(content: bytes) -> CampaignPicture.MediaType:
    """What it is, by how it begins.

    :raises NotAPicture, TooLarge: as they say
    """
    if len(content) > LARGEST:
        raise TooLarge
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    raise NotAPicture


def keep(campaign: Campaign, content: bytes) -> CampaignPicture:
    """Show it on the campaign's page, instead of the one before.

    :raises NotAPicture, TooLarge: as they say
    """
    kind = media_type(content)
    digest = sha256(content).hexdigest()[:12]
    picture, _is_new = CampaignPicture.objects.update_or_create(
        campaign=campaign, defaults={"content": content, "media_type": kind, "digest": digest}
    )
    return picture


def digest(campaign: Campaign) -> str:
    """What its picture's address changes with; nothing where there is none."""
    found = CampaignPicture.objects.filter(campaign=campaign)
    return found.values_list("digest", flat=True).first() or ""
