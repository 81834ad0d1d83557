"""Pictures of campaigns: JPEG or PNG, served as such and as nothing else."""

from __future__ import annotations

from hashlib import sha256

from giving.models import Campaign, CampaignPicture
from payments import pictures
from payments.pictures import Picture

LARGEST = 2 * 1024 * 1024  # Bytes.


def read(content: bytes) -> Picture:
    """:raises pictures.NotAPicture, pictures.TooLarge, pictures.TooLong: as they say"""
    return pictures.read(content, largest=LARGEST, types=CampaignPicture.MediaType.values)


def keep(campaign: Campaign, picture: Picture) -> CampaignPicture:
    """Show it on the campaign's page, instead of the one before."""
    digest = sha256(picture.content).hexdigest()[:12]
    kept, _is_new = CampaignPicture.objects.update_or_create(
        campaign=campaign,
        defaults={"content": picture.content, "media_type": picture.type, "digest": digest},
    )
    return kept


def digest(campaign: Campaign) -> str:
    """What its picture's address changes with; nothing where there is none."""
    found = CampaignPicture.objects.filter(campaign=campaign)
    return found.values_list("digest", flat=True).first() or ""
