from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payments import money
from social import amounts, grammar, lexicon
from social.entities import Mention, Phone
from social.grammar import Problem, Reading, Role
from social.lexicon import OF_PRIVATE, Command
from tests.social import oracle

CONFORMANCE = json.loads((Path(__file__).parent / "conformance" / "cases.json").read_text(encoding="utf-8"))
SERVICE = Mention(CONFORMANCE["service"].removeprefix("@"), "2014100900")
PEOPLE = {handle.removeprefix("@"): id for handle, id in CONFORMANCE["people"].items()}
CAST = [SERVICE, *(Mention(name, id) for name, id in PEOPLE.items())]
BOB = CAST[1]
CASES = [
    (case, group.get("private", False), f"{group['about'][:24]}-{n}")
    for group in CONFORMANCE["groups"]
    for n, case in enumerate(group["cases"])
]


def read(text: str, *, is_private: bool = False) -> Reading | Problem | None:
    return grammar.read(text, mentions=CAST, service=SERVICE, is_private=is_private)


def ordered(text: str, *, is_private: bool) -> oracle.Ordered | None:
    """What the product reads, as the oracle says it."""
    got = read(text, is_private=is_private)
    if not isinstance(got, Reading):
        return None
    return (got.command, got.amount, tuple(named(payee).lower() for payee in got.payees), got.code)


def named(payee: Mention | Phone) -> str:
    return payee.number if isinstance(payee, Phone) else f"@{payee.username}"


class TestCases:
    @pytest.mark.parametrize(
        ("case", "is_private"), [pytest.param(case, is_private, id=id) for case, is_private, id in CASES]
    )
    def test_reads_what_the_case_says(self, case: dict[str, Any], is_private: bool) -> None:
        got = read(case["text"], is_private=is_private)
        if case.get("ignored"):
            assert got is None
        elif "problem" in case:
            assert isinstance(got, Problem), got
            assert got.kind == case["problem"]
            assert case.get("line", got.line) == got.line
        else:
            assert isinstance(got, Reading), got
            assert [named(payee) for payee in got.payees] == case.get("payees", [])
            assert got.amount == case.get("amount", 0)
            for name in ("command", "language", "note", "code"):
                assert getattr(got, name) == case.get(name, ""), name
            ids = [payee.id for payee in got.payees if isinstance(payee, Mention)]
            assert ids == [PEOPLE[name[1:].lower()] for name in case.get("payees", []) if name[0] == "@"]

    def test_hold_each_command_in_each_language(self) -> None:
        said = {(case.get("command"), case.get("language")) for case, *_ in CASES}
        wanted = {(command, language) for language, words in lexicon.WORDS.items() for command in words}
        assert wanted - {(Command.STOP, "en")} <= said  # `stop` is one word.


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
PRIVATE_PIECES = [
    *PIECES, *(f"{word} " for words in lexicon.WORDS.values() for word in words.values()), "#partager ",
    "#solde ",
    "@alice ", "12€ ", "€9.50 ", "10 ", "0612345678 ", "+33 6 12 34 56 78 ", "0112345678 ", "TSHIRT42 ",
    "K7Q2M9XA ", "kxqzmnab ", "à ", "pour ", "et ",
]  # fmt: skip
STRANGERS = "0123456789²½٣３eExk_%\u200b\ufe0f"
HEAVY = (
    "1|1 |1.|€|€ | |-|@a |@|#|#a|##|1€|1$ |12 €-|EUR |1 EUR |a|²|.,|RT @|RT @a|http://|😘|$ |1,000€ |@a/|&#"
)
HEAVY += "|0612345678 |06 |06 12 |+33|A1 |A-|a1b2c3 |kxqzmnab |envoyer |stop |to "
HEAVY_PIECES = [*HEAVY.split("|"), "\n", "\u0301", "@bob ", "1 ct "]


HEAVY_STARTS = [("@Smoneyfr #envoyer @bob ", False), ("partager 60€ ", True), ("annuler ", True)]


def seconds(text: str, *, is_private: bool = False) -> float:
    """How long the processor works on it."""
    start = time.process_time()
    read(text, is_private=is_private)
    return time.process_time() - start


class TestProperties:
    @given(AMOUNTS, st.sampled_from(SPELLINGS), WORDS, st.permutations(range(4)), st.sampled_from(COMMANDS))
    def test_reads_back_what_was_written(
        self, cents: int, spell: Callable[[int, int], str], note: list[str], order: list[int], command: str
    ) -> None:
        parts = ["@Smoneyfr", f"#{command}", spell(*divmod(cents, 100)), "@bob"]
        got = read(" ".join([*(parts[n] for n in order), *note]))
        assert isinstance(got, Reading)
        assert (got.amount, got.payees, got.note) == (cents, (BOB,), " ".join(note))

    @given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
    def test_takes_any_pieces(self, text: str) -> None:
        for is_private in (False, True):
            read(f"@Smoneyfr #envoyer @bob {text}", is_private=is_private)
            read(text, is_private=is_private)

    @given(st.text())
    def test_takes_any_characters(self, text: str) -> None:
        for command in ("envoyer 12€", "partager 60€", "acheter", "annuler", ""):
            read(f"@Smoneyfr #{command} {text}")
            read(f"{command} {text}", is_private=True)

    @given(AMOUNTS, st.sampled_from(STRANGERS), st.data())
    def test_never_guesses_round_a_stranger(self, cents: int, stranger: str, data: st.DataObject) -> None:
        """One character more inside an amount makes another amount of plain digits, or none."""
        amount = "{},{:02}€".format(*divmod(cents, 100))
        place = data.draw(st.integers(0, len(amount)))
        text = amount[:place] + stranger + amount[place:]
        got = read(f"@Smoneyfr #envoyer {text} @bob")
        if isinstance(got, Reading):
            assert text.isascii() or text.rstrip("€").isascii()
            assert got.amount == int(text.rstrip("€").replace(",", ""))

    @given(
        st.sampled_from(["@Smoneyfr #", ""]),
        st.lists(st.sampled_from(PRIVATE_PIECES), max_size=9).map("".join),
    )
    def test_offers_a_line_that_is_an_order(self, start: str, text: str) -> None:
        is_private = not start
        got = read(start + text, is_private=is_private)
        if isinstance(got, Problem) and "…" not in got.line:
            assert isinstance(read(got.line, is_private=is_private or got.command in OF_PRIVATE), Reading)

    @given(AMOUNTS, st.lists(st.sampled_from(["bob", "alice", "acf"]), min_size=1, max_size=3, unique=True))
    def test_splits_among_all_who_are_named(self, cents: int, names: list[str]) -> None:
        got = read(f"@Smoneyfr #partager {money.write(cents)} " + " ".join(f"@{name}" for name in names))
        is_enough = cents > len(names)  # The writer has a share as well.
        assert isinstance(got, Reading) == is_enough
        if isinstance(got, Reading):
            assert [named(payee) for payee in got.payees] == [f"@{name}" for name in names]

    @given(st.lists(st.sampled_from(PRIVATE_PIECES), max_size=12).map("".join), st.booleans())
    @example("balance 1", True)
    def test_says_where_it_read_each_part(self, text: str, is_private: bool) -> None:
        got = read(text, is_private=is_private)
        parts = got.parts if got else ()
        assert all(0 <= part.start < part.end <= len(text) for part in parts)
        assert all(one.end <= next_.start for one, next_ in itertools.pairwise(parts))
        if isinstance(got, Reading):
            count = Counter(part.role for part in parts)
            assert (count[Role.COMMAND], count[Role.PAYEE]) == (1, len(got.payees))
            assert (count[Role.AMOUNT], count[Role.CODE]) == (bool(got.amount), bool(got.code))

    @pytest.mark.parametrize("piece", HEAVY_PIECES)
    @pytest.mark.parametrize(("start", "is_private"), HEAVY_STARTS)
    def test_takes_linear_time(self, start: str, piece: str, is_private: bool) -> None:
        """Four times the text takes about four times as long; quadratic time would take sixteen."""
        text = start + piece * 25_000
        short, long = (
            min(seconds(text[:length], is_private=is_private) for _ in range(3)) for length in (6_250, 25_000)
        )
        assert long < 9 * short

    @pytest.mark.parametrize("start", range(0, 4_000, 500))
    def test_agrees_with_a_reader_written_apart(self, start: int) -> None:
        for seed in range(start, start + 500):
            text, is_private = oracle.message(seed)
            assert ordered(text, is_private=is_private) == oracle.reading(
                text, service="smoneyfr", known=set(PEOPLE), is_private=is_private
            ), (seed, is_private, text)


def test_what_is_no_amount_keeps_nobody_alive() -> None:
    """A traceback leads to the frames of all who called, and so to a whole page of posts."""
    found = amounts.find("rien du tout")
    assert isinstance(found, money.Unreadable)
    assert found.__traceback__ is None
