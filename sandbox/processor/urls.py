"""The processor's addresses: Stripe's API, the hosted pages, and the log."""

from __future__ import annotations

from django.urls import path

from sandbox.parts import Page
from sandbox.processor import api, pages
from sandbox.processor.wire import route, unrecognised

PAGES = [Page("Cards", "/processor/", "Payments by card, the hosted page's visits and the webhooks.")]

urlpatterns = [
    path("v1/customers", route(POST=api.create_customer)),
    path("v1/customers/<str:id>", route(GET=api.retrieve_customer)),
    path("v1/customers/<str:id>/payment_methods", route(GET=api.list_customer_methods)),
    path("v1/checkout/sessions", route(POST=api.create_session, GET=api.list_sessions)),
    path("v1/checkout/sessions/<str:id>", route(GET=api.retrieve_session)),
    path("v1/checkout/sessions/<str:id>/expire", route(POST=api.expire_session)),
    path("v1/setup_intents/<str:id>", route(GET=api.retrieve_setup)),
    path("v1/payment_intents", route(POST=api.create_intent, GET=api.list_intents)),
    path("v1/payment_intents/search", route(GET=api.search_intents)),
    path("v1/payment_intents/<str:id>", route(GET=api.retrieve_intent)),
    path("v1/payment_intents/<str:id>/confirm", route(POST=api.confirm_intent)),
    path("v1/payment_intents/<str:id>/cancel", route(POST=api.cancel_intent)),
    path("v1/payment_methods", route(GET=api.list_methods)),
    path("v1/payment_methods/<str:id>", route(GET=api.retrieve_method)),
    path("v1/payment_methods/<str:id>/detach", route(POST=api.detach_method)),
    path("v1/charges/<str:id>", route(GET=api.retrieve_charge)),
    path("v1/refunds", route(POST=api.create_refund, GET=api.list_refunds)),
    path("v1/refunds/<str:id>", route(GET=api.retrieve_refund)),
    path("v1/disputes", route(GET=api.list_disputes)),
    path("v1/disputes/<str:id>", route(GET=api.retrieve_dispute)),
    path("v1/events", route(GET=api.list_events)),
    path("v1/events/<str:id>", route(GET=api.retrieve_event)),
    path("v1/<path:path>", route(GET=unrecognised, POST=unrecognised, DELETE=unrecognised)),
    path("c/pay/<str:id>", pages.checkout, name="checkout"),
    path("authenticate/<str:secret>", pages.bank, name="bank"),
    path("processor/", pages.log, name="processor"),
    path("processor/events/<str:id>", pages.event, name="processor_event"),
    path("processor/events/<str:id>/send", pages.send_again, name="processor_send_again"),
    path("processor/charges/<str:id>/dispute", pages.dispute, name="processor_dispute"),
    path("processor/disputes/<str:id>/<str:outcome>", pages.decide, name="processor_decide"),
    path("processor/refunds/<str:id>/fail", pages.fail_refund, name="processor_fail_refund"),
]
