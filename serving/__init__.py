"""How Django answers behind an ASGI server, for the site and for the sandbox. It knows neither."""
