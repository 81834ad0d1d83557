"""X's addresses."""

from __future__ import annotations

from django.urls import URLPattern

from sandbox.parts import Page

PAGES = [Page("X", "/x/", "Read and write posts as anybody.")]

urlpatterns: list[URLPattern] = []
