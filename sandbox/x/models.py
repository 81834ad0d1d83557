"""What the sandbox's X remembers: people, posts, who may speak for whom, which events are to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from sandbox.x import ids


class Person(models.Model):
    """Somebody on X. The number is theirs for good; the handle can change, and be taken by somebody else."""

    id = models.BigIntegerField(primary_key=True, default=ids.new)
    handle = models.CharField(max_length=15, unique=True, db_collation="NOCASE")
    name = models.CharField(max_length=50)
    bio = models.CharField(max_length=160, blank=True)
    is_verified = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    is_suspended = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"@{self.handle}"


class Post(models.Model):
    """One version of a post: an edit makes a new one. `posts` is the only writer."""

    id = models.BigIntegerField(primary_key=True)
    author = models.ForeignKey(Person, models.CASCADE, related_name="posts")
    text = models.TextField(help_text="as typed, after the automatic reply handles")
    lead = models.PositiveSmallIntegerField(
        default=0, help_text="how many characters the automatic handles take"
    )
    history = models.JSONField(help_text="ids of all versions, oldest first")
    is_latest = models.BooleanField(default=True)
    conversation_id = models.BigIntegerField()
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies")
    quote_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="quotes")
    repost_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reposts")
    mentions = models.JSONField(
        default=dict, help_text="handle in small letters → person's id, as it was when posted"
    )
    posted_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    changed = models.BigIntegerField(help_text="grows with each change, so that pages can ask what is new")

    class Meta:
        indexes = [
            models.Index(fields=["conversation_id", "id"], name="post_by_conversation"),
            models.Index(fields=["author", "-id"], name="post_by_author"),
            models.Index(fields=["changed"], name="post_by_change"),
            models.Index(
                fields=["-id"],
                condition=Q(is_latest=True, deleted_at__isnull=True, reply_to__isnull=True),
                name="post_on_timeline",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Mention(models.Model):
    """A living latest version of a post names a person: what the mentions timeline lists."""

    post = models.ForeignKey(Post, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "post"], name="mention_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.post_id} names {self.person_id}"


class AuthorizationCode(models.Model):
    """What a person's consent gives the app: exchanged once, within 30 s."""

    code = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE)
    redirect_uri = models.TextField()
    scope = models.TextField()
    challenge = models.CharField(max_length=128)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.person_id}"


class Token(models.Model):
    """An access or refresh token. A refresh token is spent by its use."""

    class Kind(models.TextChoices):
        ACCESS = "access"
        REFRESH = "refresh"

    value = models.CharField(max_length=128, primary_key=True)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    person = models.ForeignKey(Person, models.CASCADE)
    scope = models.TextField()
    grant = models.CharField(max_length=64, db_index=True, help_text="the consent that it comes from")
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="when it was spent or revoked")

    def __str__(self) -> str:
        return f"{self.kind} token of {self.person_id}"


class Webhook(models.Model):
    """Where events are sent, as long as it passes the challenge."""

    id = models.BigIntegerField(primary_key=True, default=ids.new)
    url = models.TextField(unique=True)
    is_valid = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.url


class Subscription(models.Model):
    """A wish to be told of one type of event of one person."""

    id = models.BigIntegerField(primary_key=True, default=ids.new)
    event_type = models.CharField(max_length=40)
    person = models.ForeignKey(Person, models.CASCADE)
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True)
    tag = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "event_type", "webhook"], name="subscription_is_made_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_type} of {self.person_id}"


class Delivery(models.Model):
    """An event on its way to a webhook: due until it is delivered or given up."""

    webhook = models.ForeignKey(Webhook, models.CASCADE)
    event_type = models.CharField(max_length=40)
    body = models.TextField()
    is_replay = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            models.Index(fields=["webhook", "created_at"], name="delivery_by_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.webhook_id}"


class DirectMessage(models.Model):
    """What one person wrote to another alone."""

    id = models.BigIntegerField(primary_key=True, default=ids.new)
    sender = models.ForeignKey(Person, models.CASCADE, related_name="written")
    recipient = models.ForeignKey(Person, models.CASCADE, related_name="received")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["sender", "recipient", "-id"], name="message_by_sender"),
            models.Index(fields=["recipient", "-id"], name="message_by_recipient"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def conversation_id(self) -> str:
        """X names a conversation of two by their numbers, the smaller first."""
        return "-".join(str(pk) for pk in sorted((self.sender_id, self.recipient_id)))


class Rule(models.Model):
    """What the filtered stream tells of: a mention."""

    id = models.BigIntegerField(primary_key=True, default=ids.new)
    value = models.CharField(max_length=16, unique=True)
    tag = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.value
