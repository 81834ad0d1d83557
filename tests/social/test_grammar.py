from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import money
from social import grammar
from social.entities import Mention
from social.grammar import Problem
from tests.social import oracle

SERVICE = Mention("Smoneyfr", "2014100900")
PEOPLE = ["bob", "alice", "acf", "armanddossantos"]
CAST = [SERVICE, *(Mention(name, str(1000 + n)) for n, name in enumerate(PEOPLE))]
CASES = [
    pytest.param(case, id=f"{group['about'][:24]}-{n}")
    for group in json.loads((Path(__file__).parent / "grammar_cases.json").read_text(encoding="utf-8"))
    for n, case in enumerate(group["cases"])
]


def read(text: str) -> grammar.Order | Problem | None:
    return grammar.read(text, mentions=CAST, service=SERVICE)


class TestCases:
    @pytest.mark.parametrize("case", CASES)
    def test_reads_what_the_case_says(self, case: dict[str, Any]) -> None:
        got = read(case["text"])
        if case.get("ignored"):
            assert got is None
        elif "problem" in case:
            assert isinstance(got, Problem), got
            assert got.kind == case["problem"]
            assert case.get("line", got.line) == got.line
        else:
            assert isinstance(got, grammar.Order), got
            assert (got.amount, got.payee.username, got.note) == (case["amount"], case["payee"], case["note"])
            assert got.language == case.get("language", "fr")
            assert got.payee.id == next(p.id for p in CAST if p.username.lower() == case["payee"].lower())


AMOUNTS = st.integers(1, 99_999_999)
COMMANDS = ["envoyer", "Send", "SEND"]
SPELLINGS: list[Callable[[int, int], str]] = [
    lambda e, c: f"{e},{c:02}€",
    lambda e, c: f"{e}.{c:02} €",
    lambda e, c: f"{e}€{c:02}",
    lambda e, c: f"€{e}.{c:02}",
    lambda e, c: f"€\u00a0{e},{c:02}",
    lambda e, c: f"{e},{c:02}EUR",
    lambda e, c: f"EUR {e}.{c:02}",
    lambda e, c: f"{e},{c:02}\u2009euros",
    lambda e, c: f"{e:,}".replace(",", " ") + f",{c:02}\u202f€",
    lambda e, c: f"{e:,}".replace(",", ".") + f",{c:02} €",
    lambda e, c: f"€{e:,}.{c:02}",
]
WORDS = st.lists(st.sampled_from(["merci", "resto", "#miam", "😘", "l'été", "(bises)", "café!"]), max_size=5)
PIECES = [*"0129.,€ -xek²１$#@_/\u00a0\u200b\n", "@Smoneyfr ", "#envoyer ", "@bob ", " euros", "EUR ", "RT @"]
STRANGERS = "0123456789²½٣３eExk_%\u200b\ufe0f"
HEAVY = (
    "1|1 |1.|€|€ | |-|@a |@|#|#a|##|1€|1$ |12 €-|EUR |1 EUR |a|²|.,|RT @|RT @a|http://|😘|$ |1,000€ |@a/|&#"
)
HEAVY_PIECES = [*HEAVY.split("|"), "\n", "\u0301", "@bob ", "1 ct "]


def seconds(text: str) -> float:
    """How long the processor works on it."""
    start = time.process_time()
    read(text)
    return time.process_time() - start


class TestProperties:
    @given(AMOUNTS, st.sampled_from(SPELLINGS), WORDS, st.permutations(range(4)), st.sampled_from(COMMANDS))
    def test_reads_back_what_was_written(
        self, cents: int, spell: Callable[[int, int], str], note: list[str], order: list[int], command: str
    ) -> None:
        parts = ["@Smoneyfr", f"#{command}", spell(*divmod(cents, 100)), "@bob"]
        got = read(" ".join([*(parts[n] for n in order), *note]))
        assert isinstance(got, grammar.Order)
        assert (got.amount, got.payee, got.note) == (cents, CAST[1], " ".join(note))

    @given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
    def test_takes_any_pieces(self, text: str) -> None:
        read(f"@Smoneyfr #envoyer @bob {text}")
        read(text)

    @given(st.text())
    def test_takes_any_characters(self, text: str) -> None:
        read(f"@Smoneyfr #envoyer 12€ {text}")

    @given(AMOUNTS, st.sampled_from(STRANGERS), st.data())
    def test_never_guesses_round_a_stranger(self, cents: int, stranger: str, data: st.DataObject) -> None:
        """One character more inside an amount makes another amount of plain digits, or none."""
        amount = "{},{:02}€".format(*divmod(cents, 100))
        place = data.draw(st.integers(0, len(amount)))
        text = amount[:place] + stranger + amount[place:]
        got = read(f"@Smoneyfr #envoyer {text} @bob")
        if isinstance(got, grammar.Order):
            assert text.isascii() or text.rstrip("€").isascii()
            assert got.amount == int(text.rstrip("€").replace(",", ""))

    @given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), AMOUNTS)
    def test_offers_a_line_that_is_an_order(self, text: str, cents: int) -> None:
        got = read(f"@Smoneyfr #envoyer {money.write(cents)} @bob {text}")
        if isinstance(got, Problem) and "…" not in got.line:
            assert isinstance(read(got.line), grammar.Order)

    @pytest.mark.parametrize("piece", HEAVY_PIECES)
    def test_takes_linear_time(self, piece: str) -> None:
        """Four times the text takes about four times as long; quadratic time would take sixteen."""
        text = "@Smoneyfr #envoyer @bob " + piece * 25_000
        short, long = (min(seconds(text[:length]) for _ in range(5)) for length in (6_250, 25_000))
        assert long < 9 * short

    @pytest.mark.parametrize("start", range(0, 4_000, 500))
    def test_agrees_with_a_reader_written_apart(self, start: int) -> None:
        for seed in range(start, start + 500):
            text = oracle.message(seed)
            got = read(text)
            order = (got.amount, got.payee.username.lower()) if isinstance(got, grammar.Order) else None
            assert order == oracle.reading(text, service="smoneyfr", known=set(PEOPLE)), (seed, text)
