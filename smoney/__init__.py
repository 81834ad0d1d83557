"""The project: settings, addresses, wiring. Nothing imports it; settings come from django.conf."""
