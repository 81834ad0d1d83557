"""What organisations’ programs read: JSON, cents, ISO 8601, problems as RFC 9457, and a document of it."""
