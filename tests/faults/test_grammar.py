"""200,000 generated messages, read by the product and by a second parser: never another amount or payee.

All commands, in public and in private. And the worst text that anybody can write, as long as X allows, is
read within 50 ms.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.social import oracle
from tests.social.test_grammar import HEAVY_PIECES, HEAVY_STARTS, PEOPLE, ordered, seconds
from tests.trial import Trial

LONG_MINUTES = 20  # It ends when the messages are read.
SHORT, LONG, BATCH = 2_000, 200_000, 500
LONGEST_POST = 25_000  # https://docs.x.com/x-api/posts/creation-of-a-post: of those who pay for it
WORST_MS = 50


def compare(start: int) -> tuple[Counter[str], list[str]]:
    """Read a batch both ways; what was read, and the texts on which the two differ."""
    counts: Counter[str] = Counter()
    differ = []
    for seed in range(start, start + BATCH):
        text, is_private = oracle.message(seed)
        got = ordered(text, is_private=is_private)
        counts["no order" if got is None else got[0]] += 1
        if got != oracle.reading(text, service="smoneyfr", known=set(PEOPLE), is_private=is_private):
            differ.append(f"{seed}: {'private' if is_private else 'public'} {text!r}")
    return counts, differ


def test_two_readers_agree(trial: Trial) -> None:
    messages = trial.times(short=SHORT, long=LONG)
    first = 1_000_000 * trial.seed  # The tests of `social` have the first ones.
    starts = range(first, first + messages, BATCH)
    counts: Counter[str] = Counter()
    differ: list[str] = []
    with ProcessPoolExecutor() if trial.is_long else contextlib.nullcontext() as pool:
        for found, wrong in pool.map(compare, starts) if pool else map(compare, starts):
            counts += found
            differ += wrong
    trial.reached("messages", counts.total(), at_least=LONG, **counts)
    trial.found("read otherwise by the second parser", len(differ), texts=differ[:20])


def test_the_worst_text_is_read_at_once(trial: Trial) -> None:
    """In the processor's time, the best of three: what else the machine does is not the text's.

    A busy machine has less of its caches for us, so the short form, which runs beside others, has three times
    as long; that four times the text takes four times as long is `TestProperties.test_takes_linear_time`.
    """
    cases = itertools.product(HEAVY_STARTS, HEAVY_PIECES)
    slowest = max(
        (
            min(seconds(heavy(start, piece), is_private=is_private) for _ in range(3)),
            start + piece,
            is_private,
        )
        for (start, is_private), piece in cases
    )
    trial.within(
        "worst text, ms",
        slowest[0] * 1000,
        at_most=trial.times(short=3, long=1) * WORST_MS,
        piece=slowest[1],
        is_private=slowest[2],
    )


def heavy(start: str, piece: str) -> str:
    return (start + piece * LONGEST_POST)[:LONGEST_POST]
