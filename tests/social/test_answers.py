from __future__ import annotations

import re

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from social import answers, grammar
from social.grammar import Kind, Problem
from tests.social.test_grammar import CAST, PEOPLE, PRIVATE_PIECES, SERVICE

LONG = {
    "written": "9" * 20,
    "payee": "@" + "p" * 15,
    "payer": "@" + "q" * 15,
    "allowed": "9\u202f999,00\u00a0€",
    "count": "10",
    "code": "T" + "9" * 19,
}
LONG_HANDLES = [name * 3 for name in ("alice", "bobby", "chloe", "diane", "elise", "fanny", "gigie")]
LINE = f"@{'S' * 15} #{'e' * 9} €99999999.99 " + " ".join(f"@{name}" for name in LONG_HANDLES[:5]) + " @…"
ADDRESS = re.compile(r"https?:|www\.|\.(?:fr|com|eu|net|org)\b", re.IGNORECASE)


def said(problem: str, *, language: str) -> set[str]:
    line = LINE if problem in set(Kind) else ""
    return {answers.refusal(problem, language=language, seed=n, line=line, **LONG) for n in range(12)}


@pytest.mark.parametrize("language", answers.LANGUAGES)
@pytest.mark.parametrize("problem", answers.REASONS)
class TestAnAnswer:
    """What is wrong with the words comes with a line to write; what is wrong with the order does not."""

    def test_fits_a_post(self, problem: str, language: str) -> None:
        longest = max(said(problem, language=language), key=answers.weight)
        assert answers.weight(longest) <= answers.MOST, longest

    def test_has_other_words_now_and_then(self, problem: str, language: str) -> None:
        assert len(said(problem, language=language)) >= 4

    def test_has_no_address(self, problem: str, language: str) -> None:
        assert not any(ADDRESS.search(each) for each in said(problem, language=language))

    def test_is_said_in_its_language(self, problem: str, language: str) -> None:
        other = {"fr": "en", "en": "fr"}[language]
        assert not said(problem, language=language) & said(problem, language=other)


class TestReasons:
    def test_are_there_for_all_that_can_be_wrong(self) -> None:
        assert set(answers.REASONS) == {*Kind, *answers.Refusal}


class TestAnyText:
    @settings(suppress_health_check=[HealthCheck.too_slow])  # Of a busy machine, it says nothing.
    @given(
        st.lists(
            st.sampled_from([*PRIVATE_PIECES, *(f"@{name} " for name in LONG_HANDLES)]), max_size=25
        ).map("".join),
        st.booleans(),
        st.integers(0, 99),
    )
    def test_is_refused_within_a_post_that_shows_the_line(
        self, text: str, is_private: bool, seed: int
    ) -> None:
        mentions = [*CAST, *(grammar.Mention(name, f"9{n}") for n, name in enumerate(LONG_HANDLES))]
        start = "" if is_private else "@Smoneyfr "
        got = grammar.read(start + text, mentions=mentions, service=SERVICE, is_private=is_private)
        if isinstance(got, Problem):
            words = answers.refusal(
                got.kind, language=got.language, seed=seed, line=got.line, written=got.written
            )
            assert got.line in words
            assert answers.weight(words) <= answers.MOST
            assert not ADDRESS.search(words.replace(got.written or "\0", ""))

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.sampled_from(PRIVATE_PIECES), max_size=12).map("".join))
    def test_names_nobody_whom_it_did_not_name(self, text: str) -> None:
        """A stranger's handle in our answer would call them into the conversation."""
        got = grammar.read(f"@Smoneyfr {text}", mentions=CAST, service=SERVICE)
        if isinstance(got, Problem):
            named = set(re.findall("@([A-Za-z0-9_]+)", got.line)) - {"Smoneyfr"}
            assert named <= set(PEOPLE)
            assert all(f"@{name}" in text for name in named)


def test_a_reason_is_in_the_readers_language() -> None:
    for kind in (Kind.NO_AMOUNT, Kind.ONLY_IN_PRIVATE):
        with override("fr"):
            french = answers.reason(kind, written="")
        with override("en"):
            assert answers.reason(kind, written="") != french
