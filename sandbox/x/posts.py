"""What happens to posts: published, reposted, edited, deleted. The only writer of Post and Mention.

An edit makes a new version with its own id in the same history; deleting one version deletes all.
https://docs.x.com/x-api/fundamentals/edit-posts
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sandbox.x import events, ids, text, versions
from sandbox.x.models import Mention, Person, Post

REPOST_TEXT_LENGTH = 140


class EmptyPost(Exception):
    """There is nothing to post."""


class TooLong(Exception):
    """The text weighs more than allowed."""


class DuplicatePost(Exception):
    """The author said just that a moment ago."""


class NotEditable(Exception):
    """The post is too old, edited too often, a reply to somebody else, or a repost."""


class PostGone(Exception):
    """The post was deleted."""


def publish(  # noqa: PLR0913 (what a post can be)
    author: Person,
    said: str,
    *,
    reply_to: Post | None = None,
    quote_of: Post | None = None,
    longest: int = text.LONGEST,
    posted_at: datetime | None = None,
) -> Post:
    """Post `said`. A reply gets the handles of those it replies to in front, as X puts them.

    :raises EmptyPost: if nothing is said
    :raises TooLong: if it weighs more than `longest`, the automatic handles left out
    :raises PostGone: if what it refers to was deleted
    """
    said = _checked(said, longest=longest)
    _alive(reply_to, quote_of)
    lead = _reply_handles(author, reply_to) if reply_to else ""
    post = _new_post(author, lead + said, lead=len(lead), posted_at=posted_at)
    post.quote_of = quote_of
    if reply_to:
        post.reply_to, post.conversation_id = reply_to, reply_to.conversation_id
    _save(post)
    return post


def repost(person: Person, original: Post) -> Post:
    """Repost the post, or what it reposts.

    :raises PostGone: if it was deleted
    """
    original = original.repost_of or original
    _alive(original)
    said = f"RT @{original.author.handle}: {original.text}"
    if len(said) > REPOST_TEXT_LENGTH:
        said = said[: REPOST_TEXT_LENGTH - 1] + "…"
    post = _new_post(person, said, lead=0)
    post.repost_of = original
    _save(post)
    return post


def edit(post: Post, said: str, *, longest: int = text.LONGEST) -> Post:
    """Say it differently: a new version in the same history.

    :raises NotEditable: if X does not let this post be edited any more
    :raises EmptyPost, TooLong, PostGone: as for a new post
    """
    said = _checked(said, longest=longest)
    with transaction.atomic():
        previous = Post.objects.select_related("author").get(pk=post.pk)
        _alive(previous)
        if not previous.is_latest or not versions.edits_remaining(previous):
            raise NotEditable(previous)
        version = _new_post(previous.author, previous.text[: previous.lead] + said, lead=previous.lead)
        version.conversation_id, version.reply_to_id = previous.conversation_id, previous.reply_to_id
        version.quote_of_id = previous.quote_of_id
        version.history = [*previous.history, str(version.pk)]
        Post.objects.filter(pk__in=previous.history).update(is_latest=False, history=version.history)
        Mention.objects.filter(post_id__in=previous.history).delete()
        _save(version)
    return version


def delete(post: Post) -> None:
    """Delete all versions of the post. What is gone already stays gone."""
    with transaction.atomic():
        living = Post.objects.filter(pk__in=post.history, deleted_at__isnull=True)
        gone = [int(version) for version in post.history] if living.exists() else []
        living.update(deleted_at=timezone.now(), text="", lead=0, changed=ids.new())
        Mention.objects.filter(post_id__in=gone).delete()
        events.posts_deleted(post.author, gone)


def _checked(said: str, *, longest: int) -> str:
    said = said.replace("\r\n", "\n").strip()
    if not said:
        raise EmptyPost
    if text.weight(said) > longest:
        raise TooLong(longest)
    return said


def _alive(*posts: Post | None) -> None:
    for post in posts:
        if post is not None and post.deleted_at:
            raise PostGone(post)


def _reply_handles(author: Person, reply_to: Post) -> str:
    """`@a @b ` for the author of the post replied to and everybody whom it names, oneself left out."""
    named = _people_named(reply_to.mentions.values()) if reply_to.mentions else []
    handles = dict.fromkeys([reply_to.author.handle, *named])
    handles.pop(author.handle, None)
    return "".join(f"@{handle} " for handle in handles)


def _people_named(person_ids: Iterable[int]) -> list[str]:
    handles = dict(Person.objects.filter(pk__in=list(person_ids)).values_list("pk", "handle"))
    return [handles[pk] for pk in person_ids if pk in handles]


def _new_post(author: Person, whole: str, *, lead: int, posted_at: datetime | None = None) -> Post:
    number = ids.at(posted_at.timestamp()) if posted_at else ids.new()
    names = text.names(whole)
    people = Person.objects.filter(handle__in=names).values_list("handle", "pk") if names else ()
    return Post(
        pk=number,
        author=author,
        text=whole,
        lead=lead,
        history=[str(number)],
        conversation_id=number,
        mentions={handle.lower(): pk for handle, pk in people},
        posted_at=ids.moment(number),
        changed=ids.new(),
    )


def _save(post: Post) -> None:
    """Write the post, list whom it names, and tell those who subscribed."""
    with transaction.atomic():
        post.save(force_insert=True)
        named = set(post.mentions.values())
        Mention.objects.bulk_create(Mention(post=post, person_id=person_id) for person_id in sorted(named))
        events.post_created(post)
