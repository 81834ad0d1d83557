"""The phone's, the mailbox's and the authenticator's addresses, and Twilio's."""

from __future__ import annotations

from django.urls import path

from sandbox.parts import Page
from sandbox.phone import twilio, views

PAGES = [
    Page("Phone", "/phone/", "Text messages that were sent."),
    Page("Mailbox", "/mail/", "E-mails that were sent."),
    Page("Authenticator", "/authenticator/", "Codes of the staff's second factor."),
]

urlpatterns = [
    path("2010-04-01/Accounts/<str:account>/Messages.json", twilio.create),
    path("2010-04-01/Accounts/<str:account>/Messages/<str:sid>.json", twilio.retrieve),
    path("phone/", views.phones, name="phones"),
    path("phone/<str:number>", views.phone, name="phone"),
    path("phone/<str:number>/write", views.write, name="phone_write"),
    path("sandbox/phone/<str:number>/messages", views.phone_messages),
    path("mail/", views.mailboxes, name="mailboxes"),
    path("mail/<str:address>", views.mailbox, name="mailbox"),
    path("mail/<str:address>/<int:id>", views.mail, name="mail"),
    path("sandbox/mail/<str:address>/messages", views.mail_messages),
    path("authenticator/", views.authenticator, name="authenticator"),
    path("sandbox/authenticator", views.add_secret, name="authenticator_add"),
    path("sandbox/authenticator/<path:label>", views.code),
]
