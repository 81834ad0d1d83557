"""Jobs: each takes nothing, makes one call, and is harmless when repeated."""

from __future__ import annotations

import logging

from celery import shared_task

from payments import claims, fundings, hints, ledger, orders, post, self_check

logger = logging.getLogger(__name__)


@shared_task(name="payments.deliver", base=hints.Gathering)
def deliver() -> None:
    """Send the e-mails and SMS that are due."""
    post.send_due()


@shared_task(name="payments.expire_orders")
def expire_orders() -> None:
    orders.expire_due()


@shared_task(name="payments.release_claims")
def release_claims() -> None:
    claims.release_due()


@shared_task(name="payments.return_claims")
def return_claims() -> None:
    """Give back what was not claimed, and remind of what still waits."""
    claims.return_due()
    claims.remind_due()


@shared_task(name="payments.resolve_fundings")
def resolve_fundings() -> None:
    fundings.resolve_open()


@shared_task(name="payments.roll_up")
def roll_up() -> None:
    ledger.roll_up()


@shared_task(name="payments.self_check")
def check() -> None:
    breaches = self_check.run()
    for breach in breaches:
        logger.critical("The books do not balance", extra={"rule": breach.rule, "rows": breach.rows})
    self_check.remember(breaches)
