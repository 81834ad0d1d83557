"""The sandbox as an ASGI application: the WSGI one on threads, behind the faults that were asked for.

The faults stand outside of the threads, so that a hundred hanging calls cost a hundred timers and no thread.
"""

from __future__ import annotations

from a2wsgi import WSGIMiddleware

from sandbox.faults import Faults
from sandbox.wsgi import application as wsgi_application

THREADS = 24

application = Faults(WSGIMiddleware(wsgi_application, workers=THREADS))
