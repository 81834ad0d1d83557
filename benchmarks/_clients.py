"""Several clients at once, a process each, as a site has them: how often they do their work in a second."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from django.db import connections

_FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 60


def rate(prepare: Callable[[int], Callable[[], object]], *, clients: int, seconds: float) -> float:
    """How often all do in a second what `prepare` gives to each of them, by their number.

    :raises RuntimeError: if one of them could not
    """
    connections.close_all()
    together, rates = _FORK.Barrier(clients), _FORK.SimpleQueue()
    crowd = [
        _FORK.Process(target=_work, args=(prepare, number, seconds, together, rates))
        for number in range(clients)
    ]
    for client in crowd:
        client.start()
    for client in crowd:
        client.join()
    if any(client.exitcode for client in crowd):
        raise RuntimeError("a client failed; it says why above")
    return float(sum(rates.get() for _client in crowd))


def _work(
    prepare: Callable[[int], Callable[[], object]], number: int, seconds: float, together: Any, rates: Any
) -> None:
    try:
        step = prepare(number)
        step()  # The first connects, and imports what it needs.
        together.wait(PATIENCE_SECONDS)
        begun, done = time.monotonic(), 0
        while (spent := time.monotonic() - begun) < seconds:
            step()
            done += 1
    except BaseException:
        together.abort()
        raise
    rates.put(done / spent)
    connections.close_all()
