"""Messenger's addresses: the Graph API's, the link that opens a conversation, and the pages."""

from __future__ import annotations

from django.urls import path

from sandbox.messenger import graph, views
from sandbox.parts import Page

PAGES = [Page("Messenger", "/messenger/", "Write to S-Money’s page, as anybody.")]

urlpatterns = [
    path("graph/<str:page_id>/messages", graph.messages),
    path("m.me/<str:page_id>", views.link, name="messenger_link"),
    path("messenger/", views.people, name="messenger"),
    path("messenger/<str:number>", views.person, name="messenger_person"),
    path("messenger/<str:number>/write", views.write, name="messenger_write"),
    path("sandbox/messenger/<str:number>/messages", views.listed),
]
