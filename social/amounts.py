"""The amount of a message; in private without its euro, where its digits can mean nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from payments import money
from social.entities import Span


def find(masked: str) -> money.Found | money.Unreadable:
    """The amount with its euro, or why there is none."""
    try:
        return money.find(masked)
    except money.Unreadable as problem:
        # Its traceback leads to all who called: whoever keeps it would keep a whole page of posts.
        return problem.with_traceback(None)


def find_bare(
    masked: str, *, landmarks: Iterable[Span], connectors: set[str]
) -> money.Found | money.Unreadable:
    """The amount without its euro: `ENVOYER 10 0612345678`.

    The only digits of the message, with a command, a payee or an end of the message before them, and behind
    them another or a word that leads on. `4` in `envoyer @bob 4 bières` and in `table 4` is no amount.
    """
    digits = list(re.finditer("[0-9]+", masked))
    for start, gap in _gaps(masked, landmarks):
        found = _BARE.match(gap)
        if found is None or (found["next"] and found["next"].lower() not in connectors):
            continue
        run = Span(found["run"], start + found.start("run"), start + found.end("run"))
        if any(not run.start <= each.start() < run.end for each in digits) or _is_foreign(masked, run):
            break
        try:
            return money.Found(money.read(run.word, is_bare=True), run.start, run.end)
        except money.Unreadable as problem:
            return problem.with_traceback(None)
    return money.Unreadable(money.Why.MISSING)


_S = f"[{money.SPACES}]"
_RUN = rf"[0-9]++(?:(?:[.,]|{_S})[0-9]++)*(?!(?:[.,]|{_S})[0-9])"
_BARE = re.compile(rf"\s*+(?P<run>{_RUN})(?:\s*+\Z|\s++(?P<next>[^\W0-9_]++|&)(?=\s|\Z))")


def _gaps(masked: str, landmarks: Iterable[Span]) -> Iterator[tuple[int, str]]:
    """What stands between two landmarks, and where."""
    place = 0
    for mark in sorted(landmarks, key=lambda mark: mark.start):
        yield place, masked[place : mark.start]
        place = max(place, mark.end)
    yield place, masked[place:]


def _is_foreign(masked: str, run: Span) -> bool:
    """Whether digits of another kind are about: `１0`, `10²`, `½`."""
    rest = masked[: run.start] + masked[run.end :]
    return any(c.isnumeric() for c in rest)
