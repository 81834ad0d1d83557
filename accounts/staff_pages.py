"""What the staff's pages are made of: rows that are looked at and never written, links, coloured labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

NOTHING = "–"


class FirstPages(Paginator):
    """Counts no further than people leaf: an exact count would read the whole history for each page."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # The admin gives a queryset.
        return int(rows[: self.MOST].count())


class _Looked:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class ReadOnly(_Looked, admin.ModelAdmin):
    """Looked at by staff with the right to view, changed by nobody."""

    actions = None
    list_per_page = 50
    paginator = FirstPages
    show_full_result_count = False  # Counting the history would scan it.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A list is titled by what it holds: there is nothing to select here."""
        return super().changelist_view(request, self._title("verbose_name_plural") | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        title = self._title("verbose_name")
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    def _title(self, name: str) -> dict[str, Any]:
        return {"title": capfirst(str(getattr(self.model._meta, name)))}  # noqa: SLF001  # Django's documented name


class ReadOnlyRows(_Looked, admin.TabularInline):
    """Rows below their owner, likewise."""

    extra = 0
    can_delete = False


def link(row: Model | None, words: object = None) -> SafeString | str:
    """A row's page, by its name or these words."""
    if row is None:
        return NOTHING
    return format_html(
        '<a href="{}">{}</a>', reverse(_page(type(row), "change"), args=[row.pk]), words or row
    )


def rows(model: type[Model], words: object, **conditions: object) -> SafeString:
    """The list of the rows that meet the conditions."""
    query = {name: str(value) for name, value in conditions.items()}
    return format_html('<a href="{}">{}</a>', reverse(_page(model, "changelist"), query=query), words)


def label(words: object, tone: str = "") -> SafeString:
    """A state, coloured: `good`, `warn`, `bad`, or none; the words say it all without the colour."""
    return format_html('<span class="label label-{}">{}</span>', tone or "plain", words)


def table(heads: Iterable[object], lines: Iterable[Iterable[object]]) -> SafeString | str:
    """Rows below their heads, or a dash for none."""
    body = [(format_html_join("", "<td>{}</td>", ((cell,) for cell in line)),) for line in lines]
    if not body:
        return NOTHING
    head = format_html_join("", '<th scope="col">{}</th>', ((capfirst(str(word)),) for word in heads))
    rest = format_html_join("", "<tr>{}</tr>", body)
    return format_html(
        '<div class="wide"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, rest
    )


def _page(model: type[Model], view: str) -> str:
    about = model._meta  # noqa: SLF001  # Django's documented name
    return f"admin:{about.app_label}_{about.model_name}_{view}"
