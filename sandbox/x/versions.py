"""How often and how long a post may still be edited: five times, within the hour.

The hour is what X's API states in `edit_controls`; its page on edits says 30 minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from sandbox.x import ids
from sandbox.x.models import Post

EDIT_WINDOW = timedelta(hours=1)
MAX_EDITS = 5


def edits_remaining(post: Post) -> int:
    """How many more edits X allows now."""
    if not is_edit_eligible(post) or timezone.now() >= editable_until(post):
        return 0
    return max(0, MAX_EDITS - (len(post.history) - 1))


def is_edit_eligible(post: Post) -> bool:
    """Reposts and replies to others can never be edited."""
    is_reply_to_other = post.reply_to is not None and post.reply_to.author_id != post.author_id
    return post.repost_of_id is None and not is_reply_to_other


def editable_until(post: Post) -> datetime:
    return ids.moment(int(post.history[0])) + EDIT_WINDOW
