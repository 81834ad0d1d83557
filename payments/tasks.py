"""Jobs: each takes nothing, makes one call, and is harmless when repeated."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from payments import (
    announcements,
    bank,
    bank_answers,
    callbacks,
    calls,
    chargebacks,
    claims,
    clock,
    debts,
    erasures,
    expiry,
    fees,
    fundings,
    halts,
    hints,
    ledger,
    payout_batches,
    payout_plans,
    post,
    proposals,
    requests,
    returns,
    reviews,
    safeguarding,
    self_check,
)

logger = logging.getLogger(__name__)


@shared_task(name="payments.deliver", base=hints.Gathering)
def deliver() -> None:
    """Send the e-mails and SMS that are due."""
    post.send_due()


@shared_task(name="payments.announce")
def announce() -> None:
    """Have organisations' callbacks told of what is new."""
    announcements.sweep()


@shared_task(name="payments.call_back", base=hints.Gathering)
def call_back() -> None:
    """Send organisations' callbacks what is due."""
    calls.send_due()


@shared_task(name="payments.forget_answers")
def forget_answers() -> None:
    """Forget what organisations' programs answered a month ago."""
    callbacks.purge()


@shared_task(name="payments.expire_orders")
def expire_orders() -> None:
    """Close the orders whose time is over."""
    expiry.expire_due()


@shared_task(name="payments.expire_proposals")
def expire_proposals() -> None:
    proposals.expire_due()


@shared_task(name="payments.release_claims")
def release_claims() -> None:
    claims.release_due()


@shared_task(name="payments.return_claims")
def return_claims() -> None:
    """Give back what was not claimed, and remind of what still waits."""
    claims.return_due()
    claims.remind_due()


@shared_task(name="payments.expire_requests")
def expire_requests() -> None:
    """End requests that nobody answered, and remind of those that end tomorrow."""
    requests.expire_due()
    requests.remind_due()


@shared_task(name="payments.resolve_fundings")
def resolve_fundings() -> None:
    fundings.resolve_open()


@shared_task(name="payments.resolve_refunds")
def resolve_refunds() -> None:
    """Send to cards what is to go back, and find out what their banks sent back since."""
    returns.resolve_open()
    returns.look_again()


@shared_task(name="payments.ask_about_disputes")
def ask_about_disputes() -> None:
    chargebacks.ask()


@shared_task(name="payments.collect_debts")
def collect_debts() -> None:
    """Take what came in for those who owe."""
    debts.collect_due()


@shared_task(name="payments.return_reviews")
def return_reviews() -> None:
    """Return what nobody decided on."""
    reviews.return_due()


@shared_task(name="payments.export_payouts")
def export_payouts() -> None:
    payout_batches.export_due()


@shared_task(name="payments.pay_organisations_out")
def pay_organisations_out() -> None:
    """What organisations have planned for today."""
    payout_plans.pay_due(at=clock.now() - fees.SEEN_AFTER)


@shared_task(name="payments.ask_bank")
def ask_bank() -> None:
    """Send the files that the bank does not have, and read its answers."""
    payout_batches.send_due()
    try:
        bank_answers.fetch()
    except (bank.Unreachable, bank.Refused) as problem:
        logger.warning("The bank's answers could not be fetched", extra={"problem": str(problem)})


@shared_task(name="payments.roll_up")
def roll_up() -> None:
    ledger.roll_up()


@shared_task(name="payments.self_check")
def check() -> None:
    breaches = self_check.run()
    for breach in breaches:
        logger.critical("The books do not balance", extra={"rule": breach.rule, "rows": breach.rows})
    self_check.remember(breaches)
    halts.halt_for(breaches)


@shared_task(name="payments.finish_erasures")
def finish_erasures() -> None:
    """Forget what is left of those who have left."""
    erasures.finish_due()


@shared_task(name="payments.charge_fees")
def charge_fees() -> None:
    """Charge organisations for the days that are over."""
    fees.charge_due(at=clock.now() - fees.SEEN_AFTER)


@shared_task(name="payments.prove_day")
def prove_day() -> None:
    """Once a day, however often it is asked: what members hold is there."""
    proof = safeguarding.take(timezone.localdate())
    if proof.difference or proof.own < 0:  # What we bear is to be paid in.
        logger.critical("Members' money is not safeguarded", extra={"difference": proof.difference})
