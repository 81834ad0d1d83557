"""X's addresses: the API's as X has them, and the pages."""

from __future__ import annotations

from django.urls import path

from sandbox.parts import Page
from sandbox.x import (
    api_messages,
    api_posts,
    api_stream,
    api_users,
    api_webhooks,
    message_pages,
    oauth,
    pages,
    pictures,
    scripts,
)

PAGES = [
    Page("X", "/x/", "Read and write posts, as anybody."),
    Page("X: messages", "/x/messages", "Write to S-Money in private, as anybody.", is_main=False),
    Page(
        "X: people",
        "/x/people",
        "Be somebody else, make somebody new, change a handle, protect or suspend.",
        is_main=False,
    ),
    Page("X: webhooks", "/x/webhooks", "What is told to whom; credits; the stream.", is_main=False),
]

urlpatterns = [
    # The API, as at api.x.com and x.com
    path("i/oauth2/authorize", oauth.authorize, name="x-authorize"),
    path("2/oauth2/token", oauth.token),
    path("2/oauth2/revoke", oauth.revoke),
    path("2/users", api_users.several_by_id),
    path("2/users/me", api_users.me),
    path("2/users/by", api_users.several_by_handle),
    path("2/users/by/username/<str:username>", api_users.by_handle),
    path("2/users/<str:user_id>", api_users.by_id),
    path("2/users/<str:user_id>/mentions", api_posts.mentions),
    path("2/tweets", api_posts.several),
    path("2/tweets/search/stream/rules", api_stream.rules),
    path("2/tweets/<str:post_id>", api_posts.one),
    path("2/webhooks", api_webhooks.hooks),
    path("2/webhooks/replay", api_webhooks.replay),
    path("2/webhooks/<str:webhook_id>", api_webhooks.hook),
    path("2/activity/subscriptions", api_webhooks.subscriptions),
    path("2/activity/subscriptions/<str:subscription_id>", api_webhooks.subscription),
    path("2/dm_events", api_messages.events),
    path("2/dm_conversations/with/<str:person_id>/messages", api_messages.with_person),
    # For scripts
    path("sandbox/x/messages", message_pages.script),
    path("sandbox/x/messages/<str:handle>", message_pages.listed),
    path("sandbox/x/posts", scripts.new_post),
    path("sandbox/x/posts/<int:post_id>", scripts.post),
    path("sandbox/x/people", scripts.new_person),
    path("sandbox/x/people/<int:person_id>", scripts.person),
    path("sandbox/x/people/<int:person_id>/access", scripts.access),
    path("sandbox/x/credits", scripts.paid_in),
    # For people
    path("pictures/<int:person_id>.svg", pictures.picture, name="x-picture"),
    path("x/", pages.home, name="x-home"),
    path("x/since/<int:change>", pages.since, name="x-since"),
    path("x/messages", message_pages.conversation, name="x-messages"),
    path("x/messages/<str:handle>", message_pages.conversation, name="x-messages-with"),
    path("x/compose", pages.compose, name="x-compose"),
    path("x/people", pages.people_page, name="x-people"),
    path("x/people/be", pages.be, name="x-be"),
    path("x/people/treat", pages.treat, name="x-treat"),
    path("x/people/rename", pages.rename, name="x-rename"),
    path("x/people/withdraw", pages.withdraw, name="x-withdraw"),
    path("x/webhooks", pages.webhooks, name="x-webhooks"),
    path("x/credits", pages.paid_in, name="x-credits"),
    path("x/post/<int:post_id>/repost", pages.repost, name="x-repost"),
    path("x/post/<int:post_id>/delete", pages.delete, name="x-delete"),
    path("x/<str:handle>", pages.profile, name="x-profile"),
    path("x/<str:handle>/status/<int:post_id>", pages.status, name="x-status"),
]
