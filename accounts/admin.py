"""What staff see of members: they look, and switch off; numbers, codes and links have their own writers."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import access, audit, freezes
from accounts.models import (
    TRIES,
    AuditEntry,
    Device,
    Freeze,
    Handle,
    Identity,
    IdentityLink,
    Organisation,
    Seat,
    SecretCode,
    User,
)
from accounts.staff_acts import Act, Acted
from accounts.staff_pages import ReadOnly, ReadOnlyRows, Searched, label, link


class HasCode(admin.SimpleListFilter):
    """By the state of the secret code; the code itself is nowhere."""

    title = _("secret code")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("not chosen")), ("open", _("chosen")), ("locked", _("locked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        locked = SecretCode.objects.filter(tries__gte=TRIES).values("user")
        match self.value():
            case "none":
                return queryset.filter(secret_code=None)
            case "open":
                return queryset.filter(secret_code__isnull=False).exclude(pk__in=locked)
            case "locked":
                return queryset.filter(pk__in=locked)
            case _:
                return queryset


class Identities(ReadOnlyRows):
    model = Identity
    fields = readonly_fields = ("page", "network", "external_id", "linked_at")

    @admin.display(description=_("handle"))
    def page(self, identity: Identity) -> str:
        return link(identity)


class Devices(ReadOnlyRows):
    """What the member is known by; its token is nowhere."""

    model = Device
    fields = ["name", "registered_at", "last_used_at", "removed_at"]


class Links(ReadOnlyRows):
    model = IdentityLink
    fields = ["user", "linked_at", "unlinked_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdentityLink]:
        return super().get_queryset(request).select_related("user")


class Handles(ReadOnlyRows):
    """Each handle from when on it was seen until the next."""

    model = Handle
    fields = readonly_fields = ("handle", "since")


class Seats(ReadOnlyRows):
    """Who acts for an organisation, and who did."""

    model = Seat
    fields = readonly_fields = ("who", "role", "taken_at", "left_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description=_("member"))
    def who(self, seat: Seat) -> str:
        return link(seat.user)


def _freeze(staff: User, user: User, data: dict[str, Any]) -> object:
    freezes.freeze(user, reason=data["reason"], by=staff)
    return _("Frozen. Their money stands still until two of staff let it go.")


@admin.register(User)
class UserAdmin(Searched, Acted):
    list_display = ["name", "phone", "language", "is_active", "is_staff", "joined_at", "last_login"]
    list_filter = [HasCode, "tier", "is_active", "is_staff", "language", "joined_at"]
    search_fields = ["name", "email", "identities__handle", "=identities__external_id"]
    search_help_text = _("Name, e-mail, mobile number, X handle or X id")
    date_hierarchy = "joined_at"
    ordering = ["-joined_at"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [Identities, Devices]
    fieldsets = [
        (None, {"fields": ["name", "phone", "phone_verified_at", "tier", "email", "language"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "code", "standing"]}),
        (_("Dates"), {"fields": ["joined_at", "last_login", "erased_at"]}),
    ]
    filter_horizontal = ["groups"]
    acts = {
        "freeze": Act(
            title=_("Freeze"),
            explains=_("At once: no order, no top-up, no cash-out. Letting it go again takes two."),
            may=lambda staff, user: staff.has_perm("accounts.add_freeze") and not freezes.is_frozen(user),
            do=_freeze,
        )
    }

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Members sign up; staff are made by `createsuperuser`."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: User | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Staff switch accounts off and on, never their own; who is staff takes two of them."""
        written = {"is_active"} if obj is None or obj.pk != request.user.pk else set()
        shown = [field for _title, part in self.fieldsets or () for field in part["fields"]]
        return [str(field) for field in shown if field not in written]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        with transaction.atomic():
            User.objects.filter(pk=obj.pk).update(is_active=obj.is_active)
            act = "member.switched_on" if obj.is_active else "member.switched_off"
            before = {"is_active": form.initial.get("is_active")}
            audit.record(
                access.member(request), act, about=obj, before=before, after={"is_active": obj.is_active}
            )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """A number is found as people write it: 06 12 34 56 78."""
        if not re.fullmatch(r"[0-9 +.()/-]*[0-9][0-9 +.()/-]*", search_term):
            return super().get_search_results(request, queryset, search_term)
        digits = re.sub(r"[^0-9]", "", search_term)
        by_phone = User.objects.filter(phone__contains=digits.removeprefix("0")).values("pk")
        by_x_id = Identity.objects.filter(external_id=digits, user__isnull=False).values("user")
        return queryset.filter(pk__in=by_phone.union(by_x_id)), False

    @admin.display(description=_("money"))
    def standing(self, user: User) -> str:
        frozen = Freeze.objects.filter(user=user, ended_at=None).first()
        return label(_("moves"), "good") if frozen is None else link(frozen, label(_("frozen"), "bad"))

    @admin.display(description=_("secret code"))
    def code(self, user: User) -> str:
        code = SecretCode.objects.defer("digest").filter(user=user).first()
        if code is None:
            return label(_("not chosen"))
        return label(_("locked"), "bad") if code.is_locked else label(_("chosen"), "good")


@admin.register(Identity)
class IdentityAdmin(ReadOnly):
    list_display = ["handle", "name", "network", "external_id", "member", "linked_at", "seen_at"]
    list_filter = ["network", ("user", admin.EmptyFieldListFilter), "linked_at"]
    search_fields = ["handle", "name", "=external_id", "user__name", "handles__handle"]
    list_select_related = ["user"]
    fields = [
        "network",
        "external_id",
        "handle",
        "name",
        "joined_network_at",
        "seen_at",
        "standing",
        "described_at",
        "member",
        "linked_at",
    ]
    readonly_fields = ["member"]
    search_help_text = _("X handle (now or before), name or number, or the member's name")
    date_hierarchy = "linked_at"
    ordering = ["-seen_at"]
    inlines = [Handles, Links]

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, identity: Identity) -> str:
        return link(identity.user)


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    explains = _(
        "Charities, companies and others that members act for. Whoever checks identities accepts them by "
        "their documents; then they can be paid."
    )
    list_display = ["name", "kind", "siren", "rna", "city", "state", "founded_at"]
    list_filter = ["kind", "account__tier", "founded_at"]
    list_select_related = ["account"]
    search_fields = ["account__name", "=siren", "=rna", "=slug"]
    search_help_text = _("Name, SIREN, RNA, or the address of its page")
    date_hierarchy = "founded_at"
    ordering = ["-id"]
    inlines = [Seats]
    fields = [
        "name",
        "state",
        "slug",
        "kind",
        "siren",
        "rna",
        "purpose",
        "street",
        "postcode",
        "city",
        "website",
        "founder",
        "founded_at",
    ]

    @admin.display(description=_("account"), ordering="account__name")
    def name(self, organisation: Organisation) -> str:
        return link(organisation.account)

    @admin.display(description=_("status"))
    def state(self, organisation: Organisation) -> str:
        is_reviewed = organisation.account.tier == User.Tier.ORGANISATION
        return label(_("accepted"), "good") if is_reviewed else label(_("not accepted yet"), "warn")

    @admin.display(description=_("signed up by"))
    def founder(self, organisation: Organisation) -> str:
        return link(organisation.founded_by)


@admin.register(Freeze)
class FreezeAdmin(ReadOnly):
    explains = _(
        "Members whose money stands still. Anyone of staff freezes from the member’s page; "
        "letting it go again takes two."
    )
    list_display = ["member", "reason", "by", "at", "ended_at", "ended_by"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "at"]
    list_select_related = ["user", "by", "ended_by"]
    search_fields = ["user__name"]
    search_help_text = _("The member's name")
    ordering = ["-id"]
    fields = ["member", "reason", "by", "at", "ended_at", "ended_by"]

    @admin.display(description=_("member"), ordering="user__name")
    def member(self, freeze: Freeze) -> str:
        return link(freeze.user)


class ByAct(admin.SimpleListFilter):
    """By what was done, in words."""

    title = _("act")
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AuditEntry.Act.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(act=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    explains = _(
        "Every act of staff: who, when, about what, before and after. Each entry is chained to "
        "the one before it, and none can be changed."
    )
    list_display = ["number", "what", "thing", "staff", "reason", "at"]
    list_filter = [ByAct, "at"]
    list_select_related = ["staff"]
    search_fields = ["=about", "=act", "staff__name"]
    search_help_text = _("Who did it, or what it was about as the trail names it (accounts.user:12)")
    date_hierarchy = "at"
    ordering = ["-number"]
    fields = ["number", "what", "thing", "staff", "reason", "before", "after", "at", "previous", "digest"]

    @admin.display(description=_("act"), ordering="act")
    def what(self, entry: AuditEntry) -> str:
        return entry.title

    @admin.display(description=_("about"), ordering="about")
    def thing(self, entry: AuditEntry) -> str:
        """What it was done to, and the way there, where staff have a page of it."""
        name, _colon, key = entry.about.partition(":")
        words = f"{_named(name)} {key}"
        try:
            address = reverse(f"admin:{name.replace('.', '_')}_change", args=[key])
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', address, words)


def _named(label: str) -> str:
    """What a table's rows are called, as `member` for `accounts.user`; the label, where there is none."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)  # noqa: SLF001  # Django's documented name
    except (LookupError, ValueError):
        return label
