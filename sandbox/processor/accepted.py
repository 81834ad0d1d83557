"""The parameters that Stripe knows: those that are heeded, and those that a sandbox may let pass.

Anything else is refused as Stripe refuses it, so that a slip in a name shows here and not in production.
"""

from __future__ import annotations

INTENT = [
    "amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "customer",
    "description",
    "error_on_requires_action",
    "metadata",
    "off_session",
    "payment_method",
    "payment_method_options",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "use_stripe_sdk",
]
SESSION = [
    "allow_promotion_codes",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "currency",
    "custom_text",
    "customer",
    "customer_creation",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "origin_context",
    "payment_intent_data",
    "payment_method_options",
    "payment_method_types",
    "saved_payment_method_options",
    "setup_intent_data",
    "submit_type",
    "success_url",
    "ui_mode",
    "wallet_options",
]
