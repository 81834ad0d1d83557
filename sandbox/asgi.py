"""The sandbox as an ASGI application: the WSGI one on threads, behind the faults that were asked for.

The faults stand outside of the threads, so that a hundred hanging calls cost a hundred timers and no thread.
"""

from __future__ import annotations

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from sandbox.faults import Faults
from sandbox.wsgi import application as wsgi_application

THREADS = 24

# a2wsgi types its messages more narrowly than the servers that send them.
application = Faults(cast("Any", WSGIMiddleware(cast("Any", wsgi_application), workers=THREADS)))
