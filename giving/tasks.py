"""Jobs: each takes nothing, makes one call or a few, and is harmless when repeated."""

from __future__ import annotations

from celery import shared_task

from giving import endings, loan_endings, monthly_gifts, pot_closings, receipts, repayments, tallies

ROUNDS = 10  # Of a batch each; the rest comes with the next beat.


@shared_task(name="giving.end_campaigns")
def end_campaigns() -> None:
    """End what is due, and pay or give back what was set aside."""
    endings.end_due()
    for _ in range(ROUNDS):
        if not endings.decide_due():
            return


@shared_task(name="giving.fold_tallies")
def fold_tallies() -> None:
    tallies.fold()


@shared_task(name="giving.place_monthly")
def place_monthly() -> None:
    monthly_gifts.place_due()


@shared_task(name=pot_closings.DECIDE)
def decide_pots() -> None:
    """End pots that were let lie, pay or give back what waits in those that ended, remind of the others."""
    pot_closings.return_due()
    pot_closings.decide_due()
    pot_closings.remind_due()


@shared_task(name="giving.end_loans")
def end_loans() -> None:
    """Decide on loans whose goal is reached or whose time is over, and end what was set aside for them."""
    loan_endings.decide_due()
    loan_endings.end_due()


@shared_task(name="giving.take_repayments")
def take_repayments() -> None:
    """Take the instalments that are due by today."""
    repayments.take_due()


@shared_task(name="giving.issue_receipts")
def issue_receipts() -> None:
    """Gifts of the last minutes get their receipts, where their givers want one for each."""
    receipts.issue_at_once()


@shared_task(name="giving.look_after_receipts")
def look_after_receipts() -> None:
    """Receipts of gifts that were given back are void, gifts get theirs, old ones are forgotten."""
    receipts.void_refunded()
    for _ in range(ROUNDS):
        if not receipts.issue_due():
            break
    receipts.forget_due()
