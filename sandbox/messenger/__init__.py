"""Messenger, played on loopback: people who write to the page of S-Money."""
