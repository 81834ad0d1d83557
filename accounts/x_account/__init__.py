"""X as a network to link, by OAuth 2.0 with PKCE; never a way to sign in."""
