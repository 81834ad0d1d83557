"""The addresses of an organisation's program."""

from __future__ import annotations

from django.urls import path

from sandbox.parts import Page
from sandbox.program import views

PAGES = [Page("Program", "/program/", "What an organisation’s program was told.", is_main=False)]

urlpatterns = [
    path("program/", views.program, name="program"),
    path("program/hook", views.hook, name="program_hook"),
    path("program/secret", views.keep_secret, name="program_secret"),
]
