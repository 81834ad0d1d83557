"""The phone's, the mailbox's and the authenticator's addresses."""

from __future__ import annotations

from django.urls import URLPattern

from sandbox.parts import Page

PAGES = [
    Page("Phone", "/phone/", "Text messages that were sent."),
    Page("Mailbox", "/mailbox/", "E-mails that were sent."),
    Page("Authenticator", "/authenticator/", "Codes of the staff's second factor."),
]

urlpatterns: list[URLPattern] = []
