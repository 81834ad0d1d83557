"""What the staff's pages are made of: rows that are looked at and never written, links, coloured labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, smart_split
from django.utils.translation import gettext as _

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


class Searched(admin.ModelAdmin):
    """Found in indexes: each field is asked alone, since no index answers an OR over several tables.

    `=field` is found whole, as it is written or in capitals; `field` by any three letters of it.
    """

    explains: object = ""  # What is in the list, and what it asks of whoever looks at it.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A list is titled by what it holds: there is nothing to select here."""
        shown = self._title("verbose_name_plural") | {"explains": self.explains}
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in smart_split(search_term):
            queryset = queryset.filter(pk__in=self._found(request, word.strip("\"'").removeprefix("@")))
        return queryset, False

    def _title(self, name: str) -> dict[str, Any]:
        return {"title": capfirst(str(getattr(self.model._meta, name)))}  # noqa: SLF001  # Django's documented name

    def _found(self, request: HttpRequest, word: str) -> QuerySet[Any]:
        """The ids of the rows in which a word is."""
        rows = self.model._default_manager.order_by().values("pk")  # noqa: SLF001  # Django's documented name
        ways = [way for field in self.get_search_fields(request) if (way := _way(rows, str(field), word))]
        return ways[0].union(*ways[1:]) if ways else rows.none()


def _way(rows: QuerySet[Any], field: str, word: str) -> QuerySet[Any] | None:
    """The rows whose field has the word; nothing, where such a word cannot be."""
    if not field.startswith("="):
        return rows.filter(**{f"{field}__icontains": word})
    try:
        return rows.filter(**{f"{field[1:]}__in": {word, word.upper()}})
    except (ValueError, ValidationError):
        return None  # Not a number, or not an id.


class ReadOnly(_Looked, Searched):
    """Looked at by staff with the right to view, changed by nobody."""

    actions = None
    list_per_page = 50
    paginator = FirstPages
    show_full_result_count = False  # Counting the history would scan it.

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = self._title("verbose_name") | {"trail": _trail(self.model, object_id)}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))


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
    head = format_html_join("", '<th scope="col">{}</th>', ((_headed(word),) for word in heads))
    rest = format_html_join("", "<tr>{}</tr>", body)
    return format_html(
        '<div class="wide"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, rest
    )


def _headed(word: object) -> str:
    """As a head begins; a link is whole as it is."""
    return word if isinstance(word, SafeString) else capfirst(str(word))


def _trail(model: type[Model], object_id: str) -> SafeString:
    """What staff did with a row, by the name that the trail has for it."""
    own = model._meta.concrete_model or model  # noqa: SLF001  # Django's documented name
    about = own._meta.label_lower  # noqa: SLF001  # Django's documented name
    address = reverse("admin:accounts_auditentry_changelist", query={"q": f"{about}:{object_id}"})
    return format_html('<a href="{}">{}</a>', address, _("What staff did"))


def _page(model: type[Model], view: str) -> str:
    about = model._meta  # noqa: SLF001  # Django's documented name
    return f"admin:{about.app_label}_{about.model_name}_{view}"
