"""The card processor of the sandbox: Stripe's API, its hosted pages and its webhooks, on loopback."""
