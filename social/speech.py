"""What a recorded post says, and whether its author may order by it: all that no database has to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Identity, User
from social import commands, grammar, posts
from social.answers import Refusal
from social.entities import Mention
from social.models import Message
from social.outcomes import Result, ignored, refuse

FRESH = timedelta(hours=24)  # An order lives a day: one that is older when it reaches us is dead.


@dataclass(frozen=True, slots=True)
class Speech:
    """A post as it was recorded, and what it orders: `why_not` says why these are nobody's words to us."""

    message: Message
    post: posts.Post
    why_not: str
    reading: grammar.Reading | grammar.Problem | None


def of(message: Message) -> Speech | None:
    """What a message says; None for a deletion, and for what was purged since."""
    page = kept(message)
    if not page.posts:
        return None
    (post,) = page.posts
    why_not = _not_theirs(post, page)
    reading = None if why_not else grammar.read(post.text, mentions=post.mentions, service=_service())
    return Speech(message, post, why_not, reading)


def kept(message: Message) -> posts.Page:
    """The post as it was recorded, and its people; nothing of what `of` knows nothing of."""
    is_post = message.kind == Message.Kind.POST and bool(message.payload)
    return posts.kept(message.payload) if is_post else posts.Page()


def hindrance(speech: Speech, author: Identity | None, at: datetime) -> Result | None:
    """What becomes of a post that orders nothing: who wrote it may not, or not in these words. None: obey."""
    if speech.why_not or speech.reading is None:
        return ignored(speech.why_not)
    if result := _of_author(speech, author, at, speech.reading.language):
        return result
    if isinstance(speech.reading, grammar.Problem):
        return commands.correct(speech.message, speech.reading, speech.reading.language)
    return None


def _of_author(speech: Speech, author: Identity | None, at: datetime, language: str) -> Result | None:
    message, posted_at = speech.message, speech.post.posted_at
    is_late = posted_at < at - FRESH
    if author is None or author.user is None or author.linked_at is None:
        # Once a day is an invitation, more would be a nuisance.
        key = f"join:{message.author_id}:{at:%Y-%m-%d}"
        return ignored("late") if is_late else refuse(message, Refusal.NOT_LINKED, language, key=key)
    if author.user.tier == User.Tier.ORGANISATION:
        return ignored("organisation")  # Nobody confirms in its name; it may well show how it is given to.
    if author.revoked_at:
        key = f"revoked:{message.author_id}:{at:%Y-%m-%d}"
        return refuse(message, Refusal.REVOKED, language, key=key)
    linked_at = author.linked_at.replace(microsecond=0)  # X tells the second of a post, no more.
    if posted_at < linked_at or not author.user.is_active:
        return ignored("before_linking" if author.user.is_active else "inactive")
    return refuse(message, Refusal.LATE, language) if is_late else None


def _not_theirs(post: posts.Post, page: posts.Page) -> str:
    """Why these are not the words of somebody who speaks to us in public, or nothing."""
    if post.is_repost:
        return "repost"
    is_protected = any(person.is_protected for person in page.people if person.id == post.author_id)
    return "protected" if is_protected else ""


def _service() -> Mention:
    return Mention(settings.X_SERVICE_HANDLE, settings.X_SERVICE_ID)
