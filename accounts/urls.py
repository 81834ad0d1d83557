"""A member's own pages. Some stand before allauth's at the same address, to keep its rules stricter."""

from __future__ import annotations

from django.urls import path

from accounts import device_views, dossier_views, organisation_views, seat_views, views

urlpatterns = [
    path("welcome/", views.onboarding, name="onboarding"),
    path("welcome/sign-in/", views.onboarding_signin, name="onboarding_signin"),
    path("welcome/code/", views.onboarding_code, name="onboarding_code"),
    path("settings/", views.settings, name="settings"),
    path("settings/code/", views.code_change, name="code_change"),
    path("settings/code/unlock/", views.code_unlock, name="code_unlock"),
    path("settings/devices/", device_views.devices_, name="devices"),
    path("settings/devices/this/", device_views.register, name="device_register"),
    path("settings/devices/others/forget/", device_views.forget_others, name="devices_forget_others"),
    path("settings/devices/<int:pk>/forget/", device_views.forget, name="device_forget"),
    path("settings/x/payments/", views.x_payments, name="x_payments"),
    path("settings/identity/", dossier_views.identity, name="identity"),
    path("settings/identity/send/", dossier_views.identity_send, name="identity_send"),
    path("settings/identity/<int:pk>/remove/", dossier_views.identity_remove, name="identity_remove"),
    path("organisations/", organisation_views.organisations_, name="organisations"),
    path("organisations/new/", organisation_views.new, name="organisation_new"),
    path("organisations/join/<str:token>/", seat_views.join, name="organisation_join"),
    path("organisations/<slug:slug>/details/", organisation_views.details, name="organisation_details"),
    path("organisations/<slug:slug>/documents/", dossier_views.organisation, name="organisation_documents"),
    path(
        "organisations/<slug:slug>/documents/send/",
        dossier_views.organisation_send,
        name="organisation_documents_send",
    ),
    path(
        "organisations/<slug:slug>/documents/<int:pk>/remove/",
        dossier_views.organisation_remove,
        name="organisation_document_remove",
    ),
    path("organisations/<slug:slug>/x/unlink/", organisation_views.x_unlink, name="organisation_x_unlink"),
    path("organisations/<slug:slug>/members/", seat_views.members_, name="organisation_members"),
    path("organisations/<slug:slug>/members/invite/", seat_views.invite, name="organisation_invite"),
    path("organisations/<slug:slug>/members/<int:pk>/", seat_views.member, name="organisation_member"),
    path(
        "organisations/<slug:slug>/members/<int:pk>/leave/",
        seat_views.leave,
        name="organisation_member_leave",
    ),
    path(
        "organisations/<slug:slug>/invitations/<int:pk>/withdraw/",
        seat_views.withdraw,
        name="organisation_invitation_withdraw",
    ),
    path("settings/x/unlink/", views.x_unlink, name="x_unlink"),
    path("account/login/code/secret/", views.login_secret_code, name="login_secret_code"),
    # In the place of allauth's.
    path("account/password/set/", views.password, name="account_set_password"),
    path("account/password/change/", views.password, name="account_change_password"),
    path("account/2fa/webauthn/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "account/2fa/webauthn/keys/<int:pk>/remove/",
        views.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    # In the place of Django's.
    path("language/setlang/", views.set_language, name="set_language"),
]
