"""Hashtags that name one money pot or one loan: a word and a code, as `#potABC234` and `#pretABC234`."""

from __future__ import annotations

import re
import secrets

from payments.references import LETTERS

CODE = 6


class Tag:
    """The hashtags of one word, which is given with all that its letters may be: `("pP", "oO", "tT")`."""

    def __init__(self, *letters: str) -> None:
        # No re.IGNORECASE: it takes the Kelvin sign for k.
        word, code = "".join(f"[{each}]" for each in letters), f"[{LETTERS}{LETTERS.lower()}]{{{CODE}}}"
        self._tag = re.compile(rf"(?<![\w#＃&])[#＃]{word}(?P<code>{code})(?!\w)")

    def codes(self, text: str) -> set[str]:
        """The codes that the words name; one without a digit is a word."""
        if "#" not in text and "＃" not in text:
            return set()
        found = {tag["code"].upper() for tag in self._tag.finditer(text)}
        return {code for code in found if _has_digit(code)}

    def without(self, text: str) -> str:
        """The words without these hashtags."""
        return " ".join(self._tag.sub(lambda tag: " " if _has_digit(tag["code"]) else tag[0], text).split())


POT = Tag("pP", "oO", "tT")
LOAN = Tag("pP", "rR", "eEêÊ", "tT")


def name_something(text: str) -> bool:
    """Whether the words name any pot or loan."""
    return any(tag.codes(text) for tag in (POT, LOAN))


def letters(count: int) -> str:
    """So many, of those that are not taken for each other."""
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def new_code() -> str:
    """With a digit in it, so that no word is one."""
    while not _has_digit(code := letters(CODE)):
        pass
    return code


def _has_digit(code: str) -> bool:
    return any(letter in "23456789" for letter in code)
