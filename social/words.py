"""The words of each answer in private, where figures may be said; never an address that asks for a code."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override

from social.models import Message


class Answer(StrEnum):
    """What is answered."""

    ORDER_WAITS = "order_waits"
    ASKED = "asked"
    SPLIT = "split"
    TAKEN_BACK = "taken_back"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"
    TOO_LATE_TO_TAKE_BACK = "too_late_to_take_back"
    BASKET = "basket"
    BALANCE = "balance"
    HELP = "help"
    STOPPED = "stopped"
    STARTED = "started"
    CODE_SEEN = "code_seen"
    LINKED = "linked"
    TICKET_IS_DEAD = "ticket_is_dead"
    LINKED_ELSEWHERE = "linked_elsewhere"
    HAS_ANOTHER = "has_another"


TEXTS: dict[str, str] = {
    Answer.ORDER_WAITS: gettext_noop(
        "Order %(reference)s: %(amount)s to %(payee)s. Open S-Money yourself and enter your secret code there"
        " to pay. Never write it here."
    ),
    Answer.ASKED: gettext_noop(
        "You asked for %(amount)s. Request %(reference)s waits 7 days for their code."
    ),
    Answer.SPLIT: gettext_noop(
        "%(amount)s are divided, your own share included. Bill %(reference)s shows who has paid."
    ),
    Answer.TAKEN_BACK: gettext_noop("%(reference)s is taken back. Nothing of it is paid."),
    Answer.NOTHING_TO_TAKE_BACK: gettext_noop(
        "We found no order of yours to take back. Write the order’s reference: %(line)s"
    ),
    Answer.TOO_LATE_TO_TAKE_BACK: gettext_noop("Order %(reference)s has ended and cannot be taken back."),
    Answer.BASKET: gettext_noop(
        "%(code)s is in your basket for 24 hours. Nothing is reserved or paid yet. Choose and pay on its"
        " page: %(address)s"
    ),
    Answer.BALANCE: gettext_noop("Your wallet holds %(amount)s. %(waiting)s"),
    Answer.HELP: gettext_noop(
        "What you can write:\nsend €12.99 @bob dinner\nrequest €15 @bob\nsplit €60 @a @b\nbuy TSHIRT42\n"
        "cancel, and a reference\nbalance\nhelp\nstop\nBy number too: send €12.99 0612345678\n"
        "You confirm each order with your secret code on our site or in our app, never here."
    ),
    Answer.STOPPED: gettext_noop("You will hear nothing more from us here. START takes it back."),
    Answer.STARTED: gettext_noop("Here we are again. Write “help” to see what you can ask for."),
    Answer.CODE_SEEN: gettext_noop(
        "That looked like a secret code. We did not keep it, and nothing was ordered. Never write your code"
        " to anybody, us included; if it was yours, change it now in your settings."
    ),
    Answer.LINKED: gettext_noop(
        "Done: this account is linked to S-Money. Write “help” to see what you can ask for."
    ),
    Answer.TICKET_IS_DEAD: gettext_noop(
        "This link is no longer good. Ask for another in your settings at S-Money."
    ),
    Answer.LINKED_ELSEWHERE: gettext_noop("This account is linked to another member of S-Money."),
    Answer.HAS_ANOTHER: gettext_noop("Your S-Money account is linked to another one here. Unlink it first."),
}
# To somebody whom we do not know there.
INVITATIONS: dict[str, str] = {
    Message.Channel.DM: gettext_noop(
        "This X account is not linked to S-Money yet. Sign up on our site or in our app, link X in your"
        " settings, then write again."
    ),
    Message.Channel.SMS: gettext_noop(
        "This number has no S-Money account yet. Sign up with it on our site or in our app, then write again."
    ),
    Message.Channel.MESSENGER: gettext_noop(
        "This account is not linked to S-Money yet. Sign up on our site or in our app, link Messenger in your"
        " settings, then write again."
    ),
}


def of(answer: Answer, *, language: str, **facts: str) -> str:
    with override(language):
        return (_(TEXTS[answer]) % facts).strip()


def invitation(channel: str, *, language: str) -> str:
    with override(language):
        return _(INVITATIONS[channel])


def waiting(count: int, *, language: str) -> str:
    """How many orders wait for the code, where any do."""
    with override(language):
        words = ngettext(
            "%(count)s order waits for your code.", "%(count)s orders wait for your code.", count
        )
        return words % {"count": count} if count else ""
