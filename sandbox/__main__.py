"""`python -m sandbox` runs the whole sandbox in one process, until SIGTERM or SIGINT ends it cleanly."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
import uvicorn
from django.conf import settings
from django.core.management import call_command

HOST = "127.0.0.1"
# Who writes holds the others up until all of its statements are through, and asks for the interpreter's lock
# after each: with Python's 5 ms, a post took 30 of them where a dozen threads were at work.
SWITCH_SECONDS = 0.0005


class Server(uvicorn.Server):
    """uvicorn, except that a signal is a wish to stop and not a death: the exit code is 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def main() -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    django.setup()
    settings.DATA.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)

    from sandbox import asgi, parts  # noqa: PLC0415 (they read the settings)

    parts.seed()
    stops = parts.start()
    config = uvicorn.Config(
        asgi.application,
        host=HOST,
        port=settings.PORT,
        log_level="warning",
        access_log=False,
        lifespan="off",
        # With uvicorn's 5 s a client meets the end of its connection just as it sends.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        backlog=512,
    )
    try:
        Server(config).run()
    finally:
        for stop in stops:
            stop()


if __name__ == "__main__":
    main()
