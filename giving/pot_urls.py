"""The addresses of money pots."""

from __future__ import annotations

from django.urls import path

from giving import pot_views as views

urlpatterns = [
    path("pots/", views.pots_, name="pots"),
    path("pots/open/", views.begin, name="pot_begin"),
    path("p/<slug:slug>/", views.pot, name="pot"),
    path("p/<slug:slug>/contribute/", views.contribute, name="pot_contribute"),
    path("p/<slug:slug>/close/", views.close, name="pot_close"),
]
