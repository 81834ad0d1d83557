"""What staff do on pages that they else only look at: each act asks for its reason on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts import access, discretion
from accounts.models import User

INDISCREET = _(
    "Do not name the person: no name, number, address or handle. What you write is kept for good, also when"
    " they have left."
)


class Refused(Exception):
    """The act was refused; `words` say why."""

    def __init__(self, words: object) -> None:
        super().__init__(words)
        self.words = words


class ReasonForm(forms.Form):
    """Why it is done: kept with the act."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Kept with the act, for good."),
    )


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that staff do with a row; `do` returns what is said of it, or raises `Refused`."""

    title: object
    explains: object
    may: Callable[[User, Any], bool]
    do: Callable[[User, Any, dict[str, Any]], object]
    form: type[forms.Form] = ReasonForm
    initial: Callable[[Any], Mapping[str, Any]] = lambda _row: {}


class Acted(admin.ModelAdmin):
    """Pages with acts, each shown to who may do it now."""

    acts: Mapping[str, Act] = {}

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<path:object_id>/act/<slug:name>/",
            self.admin_site.admin_view(self.act_view),
            name=f"{self._page}_act",
        )
        return [act, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        shown = {"acts": self._open_acts(access.member(request), row)} if row else {}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask, do it once, say so."""
        staff, row = access.member(request), self.get_object(request, object_id)
        act = self.acts.get(name)
        if row is None or act is None:
            raise Http404
        if not self.has_view_permission(request, row) or not act.may(staff, row):
            raise PermissionDenied
        given = request.POST if request.method == "POST" else None
        form = act.form(given, initial=dict(act.initial(row)))
        if form.is_valid() and self._done(request, act, row, form):
            return redirect(f"admin:{self._page}_change", object_id)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "original": row}
        return render(request, "admin/act.html", context | {"title": act.title, "act": act, "form": form})

    @property
    def _page(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _open_acts(self, staff: User, row: Model) -> list[tuple[str, object]]:
        return [
            (reverse(f"admin:{self._page}_act", args=[row.pk, name]), act.title)
            for name, act in self.acts.items()
            if act.may(staff, row)
        ]

    def _done(self, request: HttpRequest, act: Act, row: Model, form: forms.Form) -> bool:
        try:
            said = act.do(access.member(request), row, form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.words))
            return False
        except discretion.Indiscreet:
            form.add_error("reason" if "reason" in form.fields else None, str(INDISCREET))
            return False
        messages.success(request, str(said))
        return True
