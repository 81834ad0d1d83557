"""Amounts of euros, read and written: always whole cents, and what is doubtful is refused, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SPACES = " \u00a0\u202f\u2009"  # The blanks that may stand inside an amount.
MASK = "\ufffc"  # What a caller puts over words that are certainly no amount (handles, hashtags, addresses).
DIGITS = 12  # Longer than any money that we will ever see, and far inside a bigint of cents.


class Why(StrEnum):
    """What keeps a text from being one amount."""

    MISSING = "missing"
    SEVERAL = "several"
    FOREIGN = "foreign"
    AMBIGUOUS = "ambiguous"
    ZERO = "zero"
    NEGATIVE = "negative"
    UNREADABLE = "unreadable"


class Unreadable(Exception):
    """The text holds no amount, or none that can be read in one way only.

    `written` is the doubtful part; `proposal` the cents that may have been meant, to offer and never to use.
    """

    def __init__(self, why: Why, written: str = "", proposal: int | None = None) -> None:
        super().__init__(why, written, proposal)
        self.why = why
        self.written = written
        self.proposal = proposal


@dataclass(frozen=True, slots=True)
class Found:
    """An amount in a text: its cents, and where it stands."""

    cents: int
    start: int
    end: int


def find(text: str) -> Found:
    """The one amount in euros that the text holds, among any other words.

    :raises Unreadable: if there is none, or more than one, or the one can be read in two ways
    """
    runs = list(_RUN.finditer(text))
    for foreign in _marked(text, runs, _FOREIGN):
        raise Unreadable(Why.FOREIGN, foreign.run.group()[:_WRITTEN], _guess(foreign.run.group()))
    for small in _marked(text, runs, _HUNDREDTHS):
        raise Unreadable(Why.UNREADABLE, small.run.group()[:_WRITTEN])
    amounts = _marked(text, runs, _EURO)
    if len(amounts) > 1:
        raise Unreadable(Why.SEVERAL)
    if _NEGATIVE.search(text):
        raise Unreadable(Why.NEGATIVE)
    if text.count("€") > sum(amount.signs for amount in amounts):
        raise Unreadable(Why.UNREADABLE, "€")
    if not amounts:
        raise Unreadable(Why.MISSING, proposal=_guess(runs[0].group()) if len(runs) == 1 else None)
    return _found(text, amounts[0])


def read(text: str, *, is_bare: bool = False) -> int:
    """The cents of a text that is an amount and nothing else; the euro may be left out if `is_bare`.

    :raises Unreadable: if it is anything else
    """
    text = text.strip(SPACES)
    if is_bare and _RUN.fullmatch(text):
        return _value(text)
    found = find(text)
    if (found.start, found.end) != (0, len(text)):
        raise Unreadable(Why.UNREADABLE, text[:_WRITTEN])
    return found.cents


def show(cents: int, language: str = "fr") -> str:
    """The amount as its language prints it: `1 234,50 €` (narrow and unbreakable spaces), `€1,234.50`."""
    sign = "\u2212" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    if language.startswith("fr"):
        return f"{sign}{euros:,}".replace(",", "\u202f") + f",{rest:02}\u00a0€"
    return f"{sign}€{euros:,}.{rest:02}"


def share(hundredths: int, language: str = "fr") -> str:
    """Hundredths of a percent as their language prints them: `4,5\u00a0%`, `4.5%`."""
    whole, rest = divmod(hundredths, 100)
    number = f"{whole}.{rest:02}".rstrip("0").rstrip(".")
    return f"{number.replace('.', ',')}\u00a0%" if language.startswith("fr") else f"{number}%"


def write(cents: int, language: str = "fr") -> str:
    """The amount as a person types it in an order: `12,99€`, `20€`, `€12.99`."""
    euros, rest = divmod(cents, 100)
    if language.startswith("fr"):
        return f"{euros},{rest:02}€" if rest else f"{euros}€"
    return f"€{euros}.{rest:02}" if rest else f"€{euros}"


# --- What is searched for -------------------------------------------------------------------------
# Quantifiers are possessive: a run of digits is read once, whatever follows, so any text takes linear time.
# No re.IGNORECASE: it takes ſ for s and the Kelvin sign for k.

_WRITTEN = 20
_S = f"[{SPACES}]"
_BLANKS = re.compile(f"{_S}*+")
_RUN = re.compile(rf"[0-9]++(?:(?:[.,]|{_S})[0-9]++)*")
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\u2796"


def _any_case(words: str) -> str:
    return "".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in words)


# A letter or a foreign digit may not touch the word; an ASCII digit may (12EUR, EUR12). Looking ahead for its
# first letter spares looking back at each place of the text.
_EURO = re.compile(rf"€|(?<![^\W0-9]){_any_case('eur(?:os?)?')}(?![^\W0-9])")
_FOREIGN = re.compile(
    "[$¢£¤¥\u058f\u060b\u0e3f\u20a0-\u20ab\u20ad-\u20cf\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6]"
    rf"|(?=[uUgGcCdD])(?<![^\W0-9])(?:{_any_case('usd|gbp|chf|dollars?')})(?!\w)"
)
_HUNDREDTHS = re.compile(rf"(?=[cC])(?<![^\W0-9])(?:{_any_case('centimes?|cents?|cts')})(?!\w)")
_NEGATIVE = re.compile(rf"€{_S}*+[{_DASHES}]{_S}*+[0-9]")
_PLAIN = re.compile(r"(?P<euros>0|[1-9][0-9]*)(?:[.,](?P<cents>[0-9]{1,2}))?")
_GROUPED = (
    re.compile(rf"(?P<euros>[1-9][0-9]{{0,2}}(?:{_S}[0-9]{{3}})+)(?:[.,](?P<cents>[0-9]{{1,2}}))?"),
    re.compile(r"(?P<euros>[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?P<cents>[0-9]{1,2})"),
    re.compile(r"(?P<euros>[1-9][0-9]{0,2}(?:,[0-9]{3})+)\.(?P<cents>[0-9]{1,2})"),
)
_AMBIGUOUS = re.compile(r"[0-9]+[.,][0-9]{3,}")


# What may touch an amount; anything else (a letter, a digit of another script, a percent sign) is a doubt.
_PICTURES = "\U0001f300-\U0001f51e\U0001f520-\U0001faff"
_OPENS = re.compile(rf"[\s(\[{{«\"'“‘¿¡:=;{MASK}{_PICTURES}]")
_CLOSES = re.compile(rf"[\s.,;:!?…)\]}}»\"'”’@#＠＃{MASK}{_PICTURES}]")
_CENTS = re.compile(rf"(?P<cents>[0-9]{{2}})(?![.,]?[0-9]|{_S}[0-9]{{3}}(?![0-9]))")
_TIMES = re.compile(rf"{_S}*+[{_DASHES}xX×*+/÷%^]{_S}*+(?P<more>.)")
_POINT = re.compile("[.,]")
_SOLID = re.compile(rf"[\w\n{MASK}][^\w\n{MASK}]*+\Z")
_FACTOR = re.compile(rf"[0-9]{_S}*(?:[xX×]|{_any_case('fois|times')})\Z")
_TWO_MORE = re.compile(rf"{_S}++[0-9]{{2}}(?![0-9])")
_SCALE = re.compile(rf"{_S}*+(?:{_any_case('k|m|mille|millions?|thousand')})(?!\w)")
_OPERATORS = "*/×÷~≈<>^%+±"


class _Marked(NamedTuple):
    """A run of digits, and the sign or word of money on either side of it."""

    run: re.Match[str]
    before: re.Match[str] | None
    after: re.Match[str] | None

    @property
    def signs(self) -> int:
        return sum(mark is not None and mark.group() == "€" for mark in (self.before, self.after))


def _marked(text: str, runs: list[re.Match[str]], mark: re.Pattern[str]) -> list[_Marked]:
    """The runs that have such a mark beside them; a mark between two runs belongs to the first."""
    marks = list(mark.finditer(text)) if runs else []
    if not marks:
        return []
    starting = {found.start(): found for found in marks}
    after = {run.start(): starting.get(_past_blanks(text, run.end())) for run in runs}
    taken = {found.start() for found in after.values() if found}
    ending = {
        _past_blanks(text, found.end()): found
        for found in marks
        if found.start() not in taken and _may_precede(found)
    }
    pairs = [_Marked(run, ending.get(run.start()), after[run.start()]) for run in runs]
    return [pair for pair in pairs if pair.before or pair.after]


def _may_precede(mark: re.Match[str]) -> bool:
    """`€ 12` and `EUR 12` are amounts; `Euro 2028` is a championship."""
    return len(mark.group()) <= len("EUR")


def _past_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def _found(text: str, amount: _Marked) -> Found:
    run, before, after = amount
    start = before.start() if before else run.start()
    end = after.end() if after else run.end()
    written = text[start:end][:_WRITTEN]
    if before and after:
        raise Unreadable(Why.UNREADABLE, written)
    cents = _CENTS.match(text, end) if after and after.group() == "€" and after.start() == run.end() else None
    if cents and not _POINT.search(run.group()):
        number, end = f"{run.group()},{cents['cents']}", cents.end()
    else:
        number = run.group()
    _stands_alone_before(text, start, written)
    _stands_alone_after(text, end, written, number=number, is_prefixed=before is not None)
    return Found(_value(number), start, end)


def _stands_alone_before(text: str, start: int, written: str) -> None:
    """Refuse `3 x 12€`, `-12€`, `k12€`, `12, 50€`: the digits are part of something longer.

    :raises Unreadable: if they are
    """
    line = text[:start].rstrip(SPACES)
    if line and line[-1] in _DASHES:
        raise Unreadable(Why.NEGATIVE, written)
    if start and not _OPENS.match(text[start - 1]):
        raise Unreadable(Why.UNREADABLE, written)
    if line and line[-1] in _OPERATORS:
        raise Unreadable(Why.UNREADABLE, written)
    solid = _SOLID.search(line[-_WRITTEN:])
    if (solid and solid.group()[0].isnumeric()) or _FACTOR.search(line[-_WRITTEN:]):
        raise Unreadable(Why.UNREADABLE, written)


def _stands_alone_after(text: str, end: int, written: str, *, number: str, is_prefixed: bool) -> None:
    """Refuse `12€/2`, `12€ x 3`, `12€.50`, `12€ 50`, `€12k`.

    :raises Unreadable: if it does not
    """
    rest = text[end : end + _WRITTEN]
    if not rest:
        return
    if two := _TWO_MORE.match(rest):
        raise Unreadable(Why.UNREADABLE, written, _guess(f"{number},{two.group().strip(SPACES)}"))
    further = rest.lstrip(SPACES + ".,;:'’")
    times = _TIMES.match(rest)
    is_doubtful = (
        not _CLOSES.match(rest)
        or (rest[0] not in SPACES + "\n" and further == rest[1:] and further[:1].isnumeric())
        or (further[:1].isnumeric() and not further[0].isascii())
        or (times is not None and times["more"].isnumeric())
        or (is_prefixed and _SCALE.match(rest) is not None)
    )
    if is_doubtful:
        raise Unreadable(Why.UNREADABLE, written)


def _value(number: str) -> int:
    """The cents of the digits as they were written.

    :raises Unreadable: if they can be read in two ways, or come to nothing
    """
    if len(number) > DIGITS and sum(c.isdigit() for c in number) > DIGITS:
        raise Unreadable(Why.UNREADABLE, number[:_WRITTEN])
    for form in (_PLAIN, *_GROUPED):
        if found := form.fullmatch(number):
            euros = int("".join(filter(str.isdecimal, found["euros"])))
            cents = euros * 100 + int((found["cents"] or "0").ljust(2, "0"))
            if not cents:
                raise Unreadable(Why.ZERO, number)
            return cents
    raise Unreadable(Why.AMBIGUOUS if _AMBIGUOUS.fullmatch(number) else Why.UNREADABLE, number[:_WRITTEN])


def _guess(number: str) -> int | None:
    try:
        return _value(number)
    except Unreadable:
        return None
