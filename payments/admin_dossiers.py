"""The queue of identity checks: documents open to a reviewer who says why, and are decided on there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import access, dossiers, organisations, seats, tiers
from accounts.models import Document, Dossier, Organisation, Role, User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import NOTHING, ReadOnly, label, link, table
from payments import ledger, notices
from payments.models import Notification

_TONES: dict[str, str] = {"WAITING": "warn", "ACCEPTED": "good", "REFUSED": "bad"}
# What a document may do in a browser that opens it all the same: nothing.
_SANDBOX = "default-src 'none'; sandbox"


class RefusalForm(forms.Form):
    """Why, in words that the member reads in their own language."""

    problem = forms.ChoiceField(label=_("What the member reads"), choices=Dossier.Problem.choices)


def _open(staff: User, dossier: Dossier, data: dict[str, Any]) -> object:
    dossiers.open_documents(dossier, by=staff, reason=data["reason"])
    return _("The documents are open to you for 15 minutes.")


def _accept(staff: User, dossier: Dossier, _data: dict[str, Any]) -> object:
    with transaction.atomic():
        _decided(lambda: dossiers.accept(dossier, by=staff))
        if organisation := organisations.of(dossier.user):
            ledger.append(ledger.wallet(dossier.user))  # Many may pay it at once.
            _tell_owners(organisation, Notification.Kind.ORGANISATION_OPEN)
        else:
            notices.tell(dossier.user, Notification.Kind.IDENTITY_ACCEPTED)
    return _("Accepted. The member is told.")


def _refuse(staff: User, dossier: Dossier, data: dict[str, Any]) -> object:
    problem = Dossier.Problem(data["problem"])
    with transaction.atomic():
        _decided(lambda: dossiers.refuse(dossier, by=staff, problem=problem))
        if organisation := organisations.of(dossier.user):
            _tell_owners(organisation, Notification.Kind.ORGANISATION_REFUSED)
        else:
            notices.tell(dossier.user, Notification.Kind.IDENTITY_REFUSED)
    return _("Refused. The member is told why.")


def _tell_owners(organisation: Organisation, kind: Notification.Kind) -> None:
    """Nobody reads what its account is told."""
    for seat in seats.at(organisation).filter(role=Role.OWNER):
        notices.tell(seat.user, kind)


def _decided(decide: Any) -> None:
    try:
        decide()
    except dossiers.NotOpened as refusal:
        raise Refused(_("Open the documents first.")) from refusal
    except dossiers.DossierClosed as refusal:
        raise Refused(_("Somebody else has decided already.")) from refusal
    except tiers.NumberTaken as refusal:
        raise Refused(
            _(
                "An organisation of that SIREN or RNA was accepted before. Refuse this one: "
                "whoever acts for the other invites."
            )
        ) from refusal


def _may_review(staff: User, dossier: Dossier) -> bool:
    """Nobody looks at their own, nor at that of an organisation that they act for, or did."""
    is_own = dossier.user_id == staff.pk or seats.ever_held(staff, account=dossier.user)
    return staff.has_perm("accounts.review_dossier") and not is_own


def _may_decide(staff: User, dossier: Dossier) -> bool:
    return _may_review(staff, dossier) and dossier.status == Dossier.Status.WAITING


@admin.register(Dossier)
class DossierAdmin(ReadOnly, Acted):
    explains = _(
        "Documents by which members show who they are. Each look at one is kept with its reason; "
        "they are erased some time after the decision."
    )
    list_display = ["id", "member", "state", "sent_at", "decided_by", "decided_at"]
    list_filter = ["status", "sent_at"]
    list_select_related = ["user", "decided_by"]
    search_fields = ["user__name"]
    search_help_text = _("The member's name")
    ordering = ["sent_at"]
    fields = ["member", "state", "problem", "sent_at", "decided_by", "decided_at", "purged_at"]
    acts = {
        "open": Act(
            title=_("Open the documents"),
            explains=_("Looking is an act: it is recorded under your name, with its reason."),
            may=_may_review,
            do=_open,
        ),
        "accept": Act(
            title=_("Accept"),
            explains=_("The documents are genuine, and the name is that of the account."),
            may=_may_decide,
            do=_accept,
            form=forms.Form,
        ),
        "refuse": Act(
            title=_("Refuse"),
            explains=_("The member reads why, and may try again."),
            may=_may_decide,
            do=_refuse,
            form=RefusalForm,
        ),
    }

    def get_urls(self) -> list[URLPattern]:
        document = path(
            "documents/<int:pk>/",
            self.admin_site.admin_view(self.document_view),
            name="accounts_dossier_document",
        )
        return [document, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Dossier | None = None) -> Any:
        """Names of files may tell of somebody: they are shown with the documents."""
        is_opened = obj is not None and self._is_open_to(access.member(request), obj)
        facts = ["organisation"] if obj is not None and organisations.of(obj.user) else []
        return [*map(str, self.fields or ()), *facts, "papers" if is_opened else "papers_closed"]

    def get_readonly_fields(self, request: HttpRequest, obj: Dossier | None = None) -> Any:
        return self.get_fields(request, obj)

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is in a document, to be looked at by who opened it, and to be run by no browser."""
        document = Document.objects.select_related("dossier").filter(pk=pk).first()
        if document is None:
            raise Http404
        if not self._is_open_to(access.member(request), document.dossier):
            raise PermissionDenied
        try:
            content = dossiers.read(document, by=access.member(request))
        except Document.DoesNotExist as purged:
            raise Http404 from purged
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
            "Content-Security-Policy": _SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type=document.media_type, headers=headers)

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, dossier: Dossier) -> str:
        return link(dossier.user)

    @admin.display(description=_("organisation"))
    def organisation(self, dossier: Dossier) -> str:
        """What it says of itself: the documents are to show the same."""
        found = organisations.of(dossier.user)
        assert found  # The field is there for those alone.
        address = f"{found.street}, {found.postcode} {found.city}"
        facts = [
            (_("kind"), found.get_kind_display()),
            ("SIREN", found.siren or NOTHING),
            ("RNA", found.rna or NOTHING),
            (_("address"), address),
            (_("purpose"), found.purpose),
            (_("website"), found.website or NOTHING),
            (_("signed up by"), link(found.founded_by)),
        ]
        return table((_("fact"), link(found)), facts)

    @admin.display(description=_("status"), ordering="status")
    def state(self, dossier: Dossier) -> SafeString:
        return label(dossier.get_status_display(), _TONES.get(dossier.status, ""))

    @admin.display(description=_("documents"))
    def papers_closed(self, dossier: Dossier) -> str:
        return str(_("Closed: a reviewer opens them, and says why.")) if dossier.pk else NOTHING

    @admin.display(description=_("documents"))
    def papers(self, dossier: Dossier) -> str:
        rows = dossier.documents.filter(content__isnull=False).defer("content").order_by("pk")
        heads = (_("document"), _("type"), _("size"))
        return table(
            heads, [(_paper(row), row.get_media_type_display(), filesizeformat(row.size)) for row in rows]
        )

    @staticmethod
    def _is_open_to(staff: User, dossier: Dossier) -> bool:
        return _may_review(staff, dossier) and dossiers.is_opened(dossier, by=staff)


def _paper(document: Document) -> SafeString:
    """A picture is shown, a PDF is fetched."""
    address = reverse("admin:accounts_dossier_document", args=[document.pk])
    if document.media_type == Document.MediaType.PDF:
        return format_html('<a href="{}">{}</a>', address, document.name)
    return format_html(
        '<a href="{}"><img class="paper" src="{}" alt="{}"></a>', address, address, document.name
    )
