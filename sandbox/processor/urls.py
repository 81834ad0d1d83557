"""The card processor's addresses."""

from __future__ import annotations

from django.urls import URLPattern

from sandbox.parts import Page

PAGES = [Page("Card processor", "/processor/", "Its log: what was asked, what was told.")]

urlpatterns: list[URLPattern] = []
