"""The sandbox as an ASGI application: its pages in threads, behind the faults that were asked for.

The faults stand outside of the threads, so that a hundred hanging calls cost a hundred timers and no thread.
"""

from __future__ import annotations

from typing import Any, cast

from sandbox.faults import Faults
from sandbox.x.stream import Streams
from serving.pages import Pages

THREADS = 24

# Django's types for messages are not quite those of ASGI.
application = Faults(Streams(cast("Any", Pages(threads=THREADS))))
