"""The public feed, as a page and as Atom, for anybody; and its members' say in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import conditional_page, require_POST, require_safe
from redis.exceptions import RedisError

from accounts import access
from payments import feed
from payments.forms import FeedForm

logger = logging.getLogger(__name__)

SECONDS = 5  # However many look, a page is made that often; who removes something sees it gone at once.
_REMOVED = "feed:removed"
T = TypeVar("T")


@require_safe
def feed_(request: HttpRequest) -> HttpResponse:
    """Who paid whom, and the note: the same for everybody, but that members may take out what is theirs."""
    form = FeedForm(request.GET)
    said = form.cleaned_data["before"] if form.is_valid() else ""
    entries = _entries(int(said) if said else None)
    shown = entries[: feed.PAGE]
    about = {"entries": shown, "older": shown[-1].id if len(entries) > feed.PAGE else None}
    response = render(request, "feed.html", about)
    patch_cache_control(response, private=True, max_age=SECONDS)
    return response


@require_safe
@conditional_page
def atom(request: HttpRequest) -> HttpResponse:
    """The newest, for feed readers."""
    page = settings.SITE_URL + reverse("feed")
    made = Atom1Feed(
        title=_("S-Money: public feed"),
        link=page,
        feed_url=settings.SITE_URL + reverse("feed_atom"),
        description=_("Who paid whom by a public post, where both allow it; never how much."),
        language=request.LANGUAGE_CODE,
    )
    for entry in _entries(None)[: feed.PAGE]:
        made.add_item(
            title=f"@{entry.payer.handle} → @{entry.payee.handle}",
            link=f"{page}?before={entry.id + 1}",
            description=escape(entry.note),  # It is read as HTML.
            unique_id=f"{page}#{entry.id}",
            updateddate=entry.posted_at,
        )
    response = HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


@access.member_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        feed.remove(access.member(request), entry_id=pk)
    except feed.NotShown:
        raise Http404 from None
    _forget_pages()
    messages.success(request, _("Removed from the public feed, for good."))
    return redirect("feed")


@access.member_required
@access.attended_required()
def wish(request: HttpRequest) -> HttpResponse:
    """Whether the public feed may show them; allowing it counts for what is posted from then on."""
    user = access.member(request)
    if request.method == "POST":
        feed.allow(user)
        messages.success(request, _("From now on your public posts may be shown."))
        return redirect("feed_wish")
    return render(request, "feed_wish.html", {"since": feed.since(user)})


@access.member_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    count = feed.withdraw(access.member(request))
    _forget_pages()
    said = ngettext(
        "Nothing of you is shown any more: %(count)s entry was removed for good.",
        "Nothing of you is shown any more: %(count)s entries were removed for good.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("feed_wish")


def _entries(before: int | None) -> list[feed.Shown]:
    """A page and the entry after it, as they were seconds ago; nothing older than the latest removal."""
    key = f"feed:{_cached(lambda: cache.get(_REMOVED)) or ''}:{before or ''}"
    known: list[feed.Shown] | None = _cached(lambda: cache.get(key))
    if known is not None:
        return known
    entries = feed.page(before=before, limit=feed.PAGE + 1)
    _cached(lambda: cache.set(key, entries, timeout=SECONDS))
    return entries


def _forget_pages() -> None:
    """What was kept before has another key from now on, and is gone before this one is."""
    _cached(lambda: cache.set(_REMOVED, uuid4().hex, timeout=2 * SECONDS))


def _cached(act: Callable[[], T]) -> T | None:
    """The cache saves work, and is not needed."""
    try:
        return act()
    except RedisError:
        logger.warning("The cache is away")
        return None
