"""The words of what is told of a member, a pot, a loan or an organisation: subject and text."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from payments.models import Notification

WORDS = {
    Notification.Kind.CALLBACK_PAUSED: (
        _lazy("An address of your organisation’s does not answer"),
        _lazy(
            "S-Money: for three days an address of your organisation’s has not taken what we send it, so we"
            " send it nothing more. Mend it, then start it again on your organisation’s page of addresses."
        ),
    ),
    Notification.Kind.BANK_ACCOUNT_ADDED: (
        _lazy("A bank account was added"),
        _lazy(
            "S-Money: a bank account was added to your wallet. If this was not you, remove it in your"
            " settings and change your password."
        ),
    ),
    Notification.Kind.POT_TO_CLOSE: (
        _lazy("Your money pot waits for you"),
        _lazy(
            "S-Money: the last day of your money pot is over. Open S-Money yourself and say where the money"
            " goes. 28 days after that day, everybody gets theirs back."
        ),
    ),
    Notification.Kind.POT_RETURNED: (
        _lazy("Your money pot was given back"),
        _lazy("S-Money: your money pot was not closed within 28 days: everybody gets their money back."),
    ),
    Notification.Kind.PURCHASE_DRAFT: (
        _lazy("Your basket waits for you"),
        _lazy(
            "S-Money: what you asked to buy is in your basket for 24 hours. Nothing is reserved or paid yet."
            " Open S-Money yourself to choose and pay."
        ),
    ),
    Notification.Kind.CODE_LOCKED: (
        _lazy("Your secret code is locked"),
        _lazy(
            "S-Money: five wrong codes, so your secret code is locked. Unlock it in your settings."
            " If this was not you, change your password."
        ),
    ),
    Notification.Kind.IDENTITY_ACCEPTED: (
        _lazy("Your identity is verified"),
        _lazy("S-Money: your identity is verified. Your documents will be deleted in a few weeks."),
    ),
    Notification.Kind.IDENTITY_REFUSED: (
        _lazy("We could not verify your identity"),
        _lazy("S-Money: we could not verify your identity. Your settings say why; you can try again."),
    ),
    Notification.Kind.ORGANISATION_OPEN: (
        _lazy("Your organisation can be paid"),
        _lazy("S-Money: we have looked at your organisation. It has a public page now, and can be paid."),
    ),
    Notification.Kind.ORGANISATION_REFUSED: (
        _lazy("We could not accept your organisation"),
        _lazy("S-Money: we could not accept your organisation. Its page says why; you can try again."),
    ),
    Notification.Kind.CAMPAIGN_STOPPED: (
        _lazy("We have stopped a campaign of your organisation’s"),
        _lazy(
            "S-Money: we have stopped a campaign of your organisation’s, which breaks our rules. What was set"
            " aside goes back to its givers. If you think that we are wrong, write to us."
        ),
    ),
    Notification.Kind.POT_STOPPED: (
        _lazy("We have stopped your money pot"),
        _lazy(
            "S-Money: we have stopped a money pot of yours, which breaks our rules. Everybody gets their"
            " money back. If you think that we are wrong, write to us."
        ),
    ),
    Notification.Kind.PRODUCT_STOPPED: (
        _lazy("We have stopped a product of your organisation’s"),
        _lazy(
            "S-Money: we have stopped a product of your organisation’s, which breaks our rules. What was"
            " bought stays bought. If you think that we are wrong, write to us."
        ),
    ),
    Notification.Kind.SEAT_OFFERED: (
        _lazy("A link to act for your organisation was made"),
        _lazy(
            "S-Money: another owner of your organisation has made a link by which somebody can act for it."
            " “Who acts for it” says in which role. If that is a mistake, withdraw the link there."
        ),
    ),
    Notification.Kind.X_ALARM: (
        _lazy("X wants somebody"),
        _lazy("S-Money: something about X wants a person. The state of X is on the staff's site."),
    ),
    Notification.Kind.X_REVOKED: (
        _lazy("Your X account no longer orders"),
        _lazy(
            "S-Money: you took back our access to your X account on X, so posts from it order nothing."
            " Your money is untouched. Link X again in your settings when you want to."
        ),
    ),
    Notification.Kind.LOAN_REPAID: (
        _lazy("Something of a loan came back"),
        _lazy(
            "S-Money: an organisation has repaid an instalment, and your part of it is in your wallet. Your"
            " loans say of which, and what is still to come."
        ),
    ),
    Notification.Kind.LOAN_LATE: (
        _lazy("An instalment of your loan is late"),
        _lazy(
            "S-Money: your organisation’s wallet did not hold what was due to its lenders in time. We try"
            " again each day. After 60 days the loan is in default, and your lenders are told."
        ),
    ),
    Notification.Kind.LOAN_DEFAULTED: (
        _lazy("A loan is in default"),
        _lazy(
            "S-Money: an instalment of a loan is 60 days late, so the loan is in default. What comes in is"
            " still paid to its lenders. Your loans say which one it is."
        ),
    ),
    Notification.Kind.ACCOUNT_CLOSED: (
        _lazy("Your account is closed"),
        _lazy(
            "S-Money: your account is closed, and we have forgotten who you were, but for what the law has us"
            " keep sealed for five years. If this was not you, write to us at once."
        ),
    ),
    Notification.Kind.MONEY_HALTED: (
        _lazy("Money stands still: the books are broken"),
        _lazy("S-Money: a check of the books failed, so no money moves. See the halts on the staff's site."),
    ),
}
