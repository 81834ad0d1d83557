"""How posts are shown on pages: linked names and hashtags, and how long ago."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from sandbox.x import text
from sandbox.x.models import Post

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400


@register.filter
def linked(post: Post) -> SafeString:
    """What the author wrote, without the automatic handles; names, hashtags and addresses marked."""
    html, position = "", 0
    said = post.text[post.lead :]
    for start, end, target in text.marks(said, post.mentions):
        html += escape(said[position:start])
        shown = said[start:end]
        if target.startswith(("http://", "https://")):
            shown = shown.split("://", 1)[1]
        html += (
            format_html('<a href="{}" rel="nofollow">{}</a>', target, shown)
            if target
            else format_html('<span class="tag">{}</span>', shown)
        )
        position = end
    return mark_safe(html + escape(said[position:]))  # noqa: S308 (each part is escaped above)


@register.filter
def ago(moment: datetime) -> str:
    """12 s, 5 min, 3 h, 21 Nov"""
    seconds = int((timezone.now() - moment).total_seconds())
    if seconds < MINUTE:
        return f"{max(seconds, 0)} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h"
    return timezone.localtime(moment).strftime("%-d %b")


@register.filter
def replied_handles(post: Post) -> list[str]:
    """The automatic handles in front of a reply."""
    return [word.removeprefix("@") for word in post.text[: post.lead].split()]


@register.simple_tag
def service_handle() -> str:
    return settings.X_SERVICE_HANDLE
