"""Posts and people as the API's JSON: chosen fields, expansions, and both of X's spellings.

Until 2.166 a post was a tweet (`tweet.fields`, `edit_history_tweet_ids`, `note_tweet`, `includes.tweets`);
a client that asks with `post.fields` gets 2.167's names. Webhooks still say tweet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from sandbox.x import text, versions
from sandbox.x.models import Person, Post

USER_FIELDS = frozenset(
    {
        "created_at",
        "description",
        "entities",
        "id",
        "is_identity_verified",
        "location",
        "most_recent_tweet_id",
    }
    | {"name", "parody", "pinned_tweet_id", "profile_banner_url", "profile_image_url", "protected"}
    | {"public_metrics", "subscription_type", "url", "username", "verified", "verified_type", "withheld"}
    | {"affiliation", "connection_status", "most_recent_post_id", "pinned_post_id", "receives_your_dm"}
    | {"subscription", "verified_followers_count"}
)
TRUNCATED_AT = 256  # weight of the beginning that `text` shows of a long post, before "… https://t.co/…"


@dataclass(frozen=True)
class Spelling:
    """How this client calls a post."""

    noun: str  # tweet or post

    def of(self, name: str) -> str:
        """`edit_history_{}_ids` in this spelling."""
        return name.format(self.noun)

    @property
    def post_fields(self) -> frozenset[str]:
        plain = {
            "attachments",
            "author_id",
            "cashtags",
            "context_annotations",
            "conversation_id",
            "created_at",
        }
        plain |= {
            "display_text_range",
            "edit_controls",
            "entities",
            "geo",
            "id",
            "in_reply_to_user_id",
            "lang",
        }
        plain |= {
            "possibly_sensitive",
            "public_metrics",
            "reply_settings",
            "source",
            "text",
            "withheld",
            "article",
        }
        plain |= {
            "card_uri",
            "community_id",
            "media_metadata",
            "note_request_suggestions",
            "paid_partnership",
        }
        return frozenset(plain | {self.of(f) for f in ("edit_history_{}_ids", "note_{}", "referenced_{}s")})

    @property
    def expansions(self) -> frozenset[str]:
        named = {
            self.of(e) for e in ("referenced_{}s.id", "referenced_{}s.id.author_id", "edit_history_{}_ids")
        }
        return frozenset(named | {"author_id", "entities.mentions.username", "in_reply_to_user_id"})


TWEET, POST = Spelling("tweet"), Spelling("post")


@dataclass(frozen=True)
class Wish:
    """What a client asked to see."""

    spelling: Spelling = TWEET
    post_fields: frozenset[str] = frozenset()
    user_fields: frozenset[str] = frozenset()
    expansions: frozenset[str] = frozenset()


def default_spelling() -> Spelling:
    return POST if settings.X_SPELLING == "post" else TWEET


def post(this: Post, wish: Wish) -> dict[str, Any]:
    """The post with its default fields and those asked for."""
    spelling, asked = wish.spelling, wish.post_fields
    rendered = text.render(_whole(this), this.mentions)
    is_long = text.weight(this.text[this.lead :]) > text.MAX_WEIGHT
    shown = _truncated(this) if is_long else rendered
    everything = _facts(this, shown) | {
        spelling.of("referenced_{}s"): _references(this),
        spelling.of("note_{}"): {"text": rendered.text, "entities": rendered.entities} if is_long else None,
    }
    default = {"id": str(this.pk), "text": shown.text, spelling.of("edit_history_{}_ids"): this.history}
    return default | {name: value for name, value in everything.items() if name in asked and value}


def user(person: Person, fields: Iterable[str] = ()) -> dict[str, Any]:
    """The person with the default fields and those asked for."""
    everything: dict[str, Any] = {
        "created_at": stamp(person.joined_at),
        "description": person.bio,
        "parody": False,
        "profile_image_url": picture_url(person),
        "protected": person.is_protected,
        "public_metrics": {"followers_count": 0, "following_count": 0, "tweet_count": 0, "listed_count": 0},
        "url": "",
        "verified": person.is_verified,
        "verified_type": "blue" if person.is_verified else "none",
    }
    default = {"id": str(person.pk), "name": person.name, "username": person.handle}
    return default | {name: everything[name] for name in fields if name in everything}


def includes(posts: Iterable[Post], wish: Wish) -> dict[str, Any]:
    """What the expansions bring, in few queries however many posts there are."""
    posts, spelling = list(posts), wish.spelling
    referenced = _referenced(posts, wish)
    people = _users(posts, referenced, wish)
    shown = {
        "users": [user(person, wish.user_fields) for person in people.values()],
        spelling.of("{}s"): [post(row, wish) for row in referenced.values()],
    }
    return {name: rows for name, rows in shown.items() if rows}


def activity(this: Post) -> tuple[dict[str, Any], dict[str, Any]]:
    """Payload and includes of an event about this post: everything, in the older spelling."""
    people = Person.objects.in_bulk([this.author_id, *this.mentions.values()])
    wish = Wish(TWEET, TWEET.post_fields, USER_FIELDS)
    payload = post(this, wish)
    users = [user(person, USER_FIELDS) for person in people.values()]
    return payload, {"users": users, "tweets": [payload]}


def picture_url(person: Person) -> str:
    return f"{settings.PUBLIC_URL}/pictures/{person.pk}.svg"


def address(post_id: int) -> str:
    """A post's address that needs no handle."""
    return f"{settings.PUBLIC_URL}/x/i/status/{post_id}"


def stamp(moment: datetime) -> str:
    """2026-11-21T12:34:56.000Z"""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _whole(this: Post) -> str:
    """What was said, and behind it the address of a quoted post, as X appends it."""
    return f"{this.text} {address(this.quote_of_id)}" if this.quote_of_id else this.text


def _facts(this: Post, shown: text.Rendered) -> dict[str, Any]:
    """The fields that are called the same in both spellings. A false one is not shown."""
    start = len(text.render(this.text[: this.lead], {}).text)
    return {
        "author_id": str(this.author_id),
        "conversation_id": str(this.conversation_id),
        "created_at": stamp(this.posted_at),
        "display_text_range": [start, len(shown.text)],
        "edit_controls": {
            "edits_remaining": versions.edits_remaining(this),
            "is_edit_eligible": versions.is_edit_eligible(this),
            "editable_until": stamp(versions.editable_until(this)),
        },
        "entities": shown.entities,
        "in_reply_to_user_id": str(this.reply_to.author_id) if this.reply_to else None,
        "lang": "fr",
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        "reply_settings": "everyone",
    }


def _references(this: Post) -> list[dict[str, str]]:
    kinds = {"retweeted": this.repost_of_id, "quoted": this.quote_of_id, "replied_to": this.reply_to_id}
    return [{"type": kind, "id": str(pk)} for kind, pk in kinds.items() if pk]


def _referenced_ids(this: Post) -> list[int]:
    return [pk for pk in (this.repost_of_id, this.quote_of_id, this.reply_to_id) if pk]


def _referenced(posts: list[Post], wish: Wish) -> dict[int, Post]:
    of, wanted = wish.spelling.of, set[int]()
    if {of("referenced_{}s.id"), of("referenced_{}s.id.author_id")} & wish.expansions:
        wanted |= {pk for this in posts for pk in _referenced_ids(this)}
    if of("edit_history_{}_ids") in wish.expansions:
        wanted |= {int(version) for this in posts for version in this.history}
    if not wanted:
        return {}
    rows = Post.objects.filter(pk__in=wanted, deleted_at__isnull=True, author__is_protected=False)
    rows = rows.filter(author__is_suspended=False)
    return {row.pk: row for row in rows.select_related("author", "reply_to")}


def _truncated(this: Post) -> text.Rendered:
    """A long post's beginning and the address of the rest."""
    beginning = text.truncate(this.text[this.lead :], most=TRUNCATED_AT)
    return text.render(f"{this.text[: this.lead]}{beginning}… {address(this.pk)}", this.mentions)


def _users(posts: list[Post], referenced: dict[int, Post], wish: Wish) -> dict[int, Person]:
    found: dict[int, Person] = {}
    others: set[int] = set()
    if "author_id" in wish.expansions:
        found |= {this.author_id: this.author for this in posts}
    if wish.spelling.of("referenced_{}s.id.author_id") in wish.expansions:
        found |= {row.author_id: row.author for row in referenced.values()}
    if "entities.mentions.username" in wish.expansions:
        others |= {person_id for this in posts for person_id in this.mentions.values()}
    if "in_reply_to_user_id" in wish.expansions:
        others |= {this.reply_to.author_id for this in posts if this.reply_to}
    if missing := others - found.keys():
        found |= Person.objects.filter(is_suspended=False).in_bulk(missing)
    return found
