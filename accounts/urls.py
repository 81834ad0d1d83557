"""A member's own pages. Some stand before allauth's at the same address, to keep its rules stricter."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("welcome/", views.onboarding, name="onboarding"),
    path("welcome/sign-in/", views.onboarding_signin, name="onboarding_signin"),
    path("welcome/code/", views.onboarding_code, name="onboarding_code"),
    path("settings/", views.settings, name="settings"),
    path("settings/code/", views.code_change, name="code_change"),
    path("settings/code/unlock/", views.code_unlock, name="code_unlock"),
    path("settings/x/payments/", views.x_payments, name="x_payments"),
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
