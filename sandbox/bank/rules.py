"""Which account is whose, and what its bank does: the accounts that the page lists. Any other one is fine."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from text_unidecode import unidecode

NEARLY = 0.8


class Match(StrEnum):
    """What a bank says of a holder's name (European Payments Council, EPC218-23)."""

    YES = "MTCH"
    CLOSE = "CMTC"
    NO = "NMTC"
    NOT_POSSIBLE = "NOAP"


@dataclass(frozen=True, kw_only=True)
class Account:
    """`holder` is whose it is; nobody's is of whoever asks."""

    iban: str
    about: str
    holder: str = ""
    says_names: bool = True
    rejects: str = ""  # the code with which its bank refuses what is sent there
    returns: str = ""  # the code with which it sends back what has arrived

    @property
    def shown(self) -> str:
        return " ".join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))


ACCOUNTS = {
    account.iban: account
    for account in (
        Account(
            iban="FR7630004000310001010000158",
            holder="Camille Durand",
            about="Camille Durand’s: her name matches, “Camile Durant” is close, others do not match.",
        ),
        Account(
            iban="FR7640618802600004040404011",
            says_names=False,
            about="Its bank takes no part in name checks: not possible.",
        ),
        Account(
            iban="FR7630002005500000015784164",
            rejects="AC04",
            about="Closed: what is sent there is rejected (pain.002, AC04).",
        ),
        Account(
            iban="FR7610278060000002020010240",
            returns="MD07",
            about="Its holder has died: what arrives is sent back a moment later (camt.054, MD07).",
        ),
        Account(iban="FR1420041010050500013M02606", about="Everybody’s: any name matches, money arrives."),
    )
}


def account(iban: str) -> Account:
    return ACCOUNTS.get(iban) or Account(iban=iban, about="")


def is_iban(text: str) -> bool:
    try:
        IBAN(text)
    except SchwiftyException:
        return False
    return True


def compare(iban: str, name: str) -> tuple[Match, str]:
    """What the account's bank says of the name, and the holder's where it is close."""
    asked = account(iban)
    if not asked.says_names:
        return Match.NOT_POSSIBLE, ""
    if not asked.holder or _plain(name) == _plain(asked.holder):
        return Match.YES, ""
    likeness = SequenceMatcher(None, _plain(name), _plain(asked.holder)).ratio()
    return (Match.CLOSE, asked.holder) if likeness >= NEARLY else (Match.NO, "")


def _plain(name: str) -> str:
    """The name without accents, case and order: banks compare so."""
    return " ".join(sorted(unidecode(name).casefold().replace("-", " ").split()))
