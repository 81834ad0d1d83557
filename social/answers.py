"""The words of each answer to a post: what is wrong and the line to write instead, in the order's language.

No address, ever: a post with one costs twenty times as much, and whoever asks for a code by a link is not us.
Never the same words twice in a row: X muzzles accounts that repeat themselves.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from payments.models import Limit
from social.grammar import Kind

MOST = 280  # The weight of an ordinary post.
LANGUAGES = ("fr", "en")
# Said of a cap at night and of a frozen member alike: who reads along cannot tell the one from the other.
_NOT_NOW = gettext_noop("That is not possible right now. Signed in to our site or app, you see why.")


class Refusal(StrEnum):
    """Why a well-written order is none."""

    NOT_LINKED = "not_linked"
    REVOKED = "revoked"
    PAYEE_UNKNOWN = "payee_unknown"
    PAYEE_IS_PAYER = "payee_is_payer"
    PAYEE_REFUSES = "payee_refuses"
    OVER_LIMIT = "over_limit"
    OVER_SUM = "over_sum"
    OVER_OWN_LIMIT = "over_own_limit"
    NOT_YET = "not_yet"
    PAYEE_IS_FULL = "payee_is_full"
    NO_POT = "no_pot"
    NO_LOAN = "no_loan"
    TOO_SMALL_A_SHARE = "too_small_a_share"
    TOO_LARGE_A_SHARE = "too_large_a_share"
    TOO_MANY = "too_many"
    FROZEN = "frozen"
    ASKER_IS_PAYER = "asker_is_payer"
    PAYER_REFUSES = "payer_refuses"
    TOO_MANY_REQUESTS = "too_many_requests"
    PRODUCT_UNKNOWN = "product_unknown"
    NOT_ON_SALE = "not_on_sale"
    SOLD_OUT = "sold_out"
    NOT_TAKEN_BACK = "not_taken_back"
    EDITED = "edited"
    LATE = "late"


REASONS: dict[str, str] = {
    Kind.NO_COMMAND: gettext_noop("The command is missing, such as “envoyer” or “send”."),
    Kind.SEVERAL_COMMANDS: gettext_noop("One command at a time, please."),
    Kind.SEVERAL_SERVICES: gettext_noop("You mentioned us more than once, so we do not know whom to pay."),
    Kind.ONLY_IN_PRIVATE: gettext_noop("That is between you and us: say it in a private message."),
    Kind.NO_AMOUNT: gettext_noop("The amount is missing, with its € sign."),
    Kind.SEVERAL_AMOUNTS: gettext_noop("There is more than one amount, and we never guess."),
    Kind.FOREIGN_AMOUNT: gettext_noop("We only move euros."),
    Kind.AMBIGUOUS_AMOUNT: gettext_noop("%(written)s could be thousands or cents, and we never guess."),
    Kind.ZERO_AMOUNT: gettext_noop("An amount of zero moves nothing."),
    Kind.NEGATIVE_AMOUNT: gettext_noop("The amount has a minus sign before it."),
    Kind.UNREADABLE_AMOUNT: gettext_noop("We cannot read the amount for sure, and we never guess."),
    Kind.SMALL_AMOUNT: gettext_noop("So little cannot be divided among so many."),
    Kind.NEEDLESS_AMOUNT: gettext_noop("A product has its price: leave the amount out."),
    Kind.NO_PAYEE: gettext_noop("Who is it about? Their handle is missing."),
    Kind.SEVERAL_PAYEES: gettext_noop("One person at a time, please, unless you split an amount."),
    Kind.MANY_PAYEES: gettext_noop("An amount is divided among 50 people at most."),
    Kind.REPEATED_PAYEE: gettext_noop("You named the same person twice."),
    Kind.UNKNOWN_PAYEE: gettext_noop("X knows nobody by the handle that you wrote."),
    Kind.UNKNOWN_PHONE: gettext_noop("The number that you wrote is not that of a French mobile."),
    Kind.NO_CODE: gettext_noop("The product’s code is missing: letters and digits, such as TSHIRT42."),
    Kind.SEVERAL_CODES: gettext_noop("One code at a time, please."),
    Kind.UNSURE_CODE: gettext_noop("We cannot read %(written)s as the reference of an order for sure."),
    Kind.LONG_NOTE: gettext_noop("Your note is longer than 280 characters."),
    Refusal.NOT_LINKED: gettext_noop(
        "Your X account is not linked to an S-Money account yet. Sign up on our site or in our app,"
        " link X in your settings, then post your order again."
    ),
    Refusal.REVOKED: gettext_noop(
        "You took back our access to your X account. Link X again in the settings of our site or app,"
        " then post your order again."
    ),
    Refusal.PAYEE_UNKNOWN: gettext_noop(
        "X told us nothing of %(payee)s, so we do not know whom to pay. Post your order again."
    ),
    Refusal.PAYEE_REFUSES: gettext_noop("%(payee)s does not wish to be paid. Nothing was ordered."),
    Refusal.PAYEE_IS_PAYER: gettext_noop("You are the payee of your own order. Nothing was ordered."),
    Refusal.NO_POT: gettext_noop(
        "%(payee)s has no open money pot by the code that you wrote. Nothing was ordered."
    ),
    Refusal.NO_LOAN: gettext_noop(
        "%(payee)s looks for no lenders by the code that you wrote. Nothing was ordered."
    ),
    Refusal.TOO_SMALL_A_SHARE: gettext_noop("A share in that loan is %(allowed)s at least."),
    Refusal.TOO_LARGE_A_SHARE: gettext_noop("%(allowed)s are left to lend of that loan."),
    Refusal.OVER_LIMIT: gettext_noop("One order is %(allowed)s at most."),
    Refusal.OVER_SUM: gettext_noop(
        "That is more than is left of what you can pay. Your limits are in the settings of our site and app."
    ),
    Refusal.OVER_OWN_LIMIT: gettext_noop(
        "That is more than you allow yourself. Your limits are in the settings of our site and app."
    ),
    Refusal.NOT_YET: _NOT_NOW,
    Refusal.FROZEN: _NOT_NOW,
    Refusal.PAYEE_IS_FULL: gettext_noop("%(payee)s cannot receive that much at the moment."),
    Refusal.TOO_MANY: gettext_noop(
        "You have %(count)s orders already, which is as many as we take. Confirm or decline them first,"
        " or come back tomorrow."
    ),
    Refusal.ASKER_IS_PAYER: gettext_noop("You asked yourself. Nobody was asked."),
    Refusal.PAYER_REFUSES: gettext_noop("%(payer)s does not wish to be asked. Nobody was asked."),
    Refusal.TOO_MANY_REQUESTS: gettext_noop(
        "You have %(count)s requests already, which is as many as we take. Wait for an answer, or take one"
        " back."
    ),
    Refusal.PRODUCT_UNKNOWN: gettext_noop("We know no product by the code %(code)s. Nothing was ordered."),
    Refusal.NOT_ON_SALE: gettext_noop("%(code)s is not on sale at the moment. Nothing was ordered."),
    Refusal.SOLD_OUT: gettext_noop("%(code)s is sold out. Nothing was ordered."),
    Refusal.NOT_TAKEN_BACK: gettext_noop(
        "We took nothing back. Signed in to our site or app, you see your orders and what can still be taken"
        " back."
    ),
    Refusal.EDITED: gettext_noop("A post that was edited orders nothing. Please write a new one."),
    Refusal.LATE: gettext_noop("Your post reached us a day late, so we did nothing. Please write it again."),
}
# In public nobody reads what is left to somebody: of a sum that is used up no figure is said.
_OVER = {
    Limit.Name.DAY: Refusal.OVER_SUM,
    Limit.Name.MONTH: Refusal.OVER_SUM,
    Limit.Name.NIGHT: Refusal.NOT_YET,
    Limit.Name.FIRST_PAYEE: Refusal.NOT_YET,
    Limit.Name.WALLET: Refusal.PAYEE_IS_FULL,
}
_WITH_LINE = (
    gettext_noop("%(reason)s Write: %(line)s"),
    gettext_noop("Almost! %(reason)s Like this: %(line)s"),
    gettext_noop("Nothing was ordered. %(reason)s Try: %(line)s"),
    gettext_noop("%(reason)s This would do: %(line)s"),
)
_ALONE = (
    gettext_noop("%(reason)s"),
    gettext_noop("Hello! %(reason)s"),
    gettext_noop("One thing first. %(reason)s"),
    gettext_noop("Thank you for your post. %(reason)s"),
)


_BASKETS = (
    gettext_noop("%(code)s is in your basket for a day. Open our app or site to choose and pay."),
    gettext_noop(
        "%(code)s is yours to choose and pay until this time tomorrow, in the basket of our app or site."
    ),
    gettext_noop("Put aside: %(code)s waits in your basket, in our app and on our site, for 24 hours."),
)


def refusal(problem: str, *, language: str, seed: int, line: str = "", **facts: str) -> str:
    """Why there is no order; `seed` picks the words, the same for the same message."""
    with override(language if language in LANGUAGES else "fr"):
        why = reason(problem, **facts)
        shapes = _WITH_LINE if line else _ALONE
        return _(shapes[seed % len(shapes)]) % {"reason": why, "line": line}


def basket(code: str, *, language: str, seed: int) -> str:
    """What is put aside, and where it is bought."""
    with override(language if language in LANGUAGES else "fr"):
        return _(_BASKETS[seed % len(_BASKETS)]) % {"code": code}


def reason(problem: str, **facts: str) -> str:
    """What is wrong, alone, in the language of whoever looks."""
    return _(REASONS[problem]) % facts


def over(limit: Limit.Name, *, is_own: bool) -> Refusal:
    """How to refuse what a limit does not allow."""
    return Refusal.OVER_OWN_LIMIT if is_own else _OVER.get(limit, Refusal.OVER_LIMIT)


def weight(text: str) -> int:
    """The length that X counts, or more: emoji count here for each of their parts.

    https://docs.x.com/fundamentals/counting-characters
    """
    return sum(
        1 if any(first <= ord(c) <= last for first, last in _LIGHT) else 2
        for c in unicodedata.normalize("NFC", text)
    )


_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
