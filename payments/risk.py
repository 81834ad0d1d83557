"""Rules that look at an order before it is paid: plain functions of what is known; the strictest wins.

What is known is gathered in one statement under the payer's lock. A false alarm costs a friend their
dinner, so a rule that holds money wants a large amount, or something that hardly happens by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts import prepared
from accounts.prepared import Prepared
from payments.models import Order, RiskFinding

Rule = RiskFinding.Rule
Verdict = RiskFinding.Verdict

# Three quarters of payments between friends are below 30 €; a thief's first order is near the cap of 250 €.
SMALL = 30_00
LARGE = 100_00
VERY_LARGE = 150_00
# A dinner is shared among four or five; ten orders a day is all that anybody may place.
PAYEES_AN_HOUR = 6
BURST = 5  # Within ten minutes: hardly by hand, with a code for each.
YOUNG = timedelta(days=30)  # Look-alike accounts are made for one fraud, and reported within weeks.
NEWBORN = timedelta(days=2)
A_DAY = timedelta(hours=24)  # As long as a swapped SIM or a stolen password may stay unnoticed.
CARDS_REFUSED = 3  # Within a day: stolen numbers are tried one after the other.
# A collector of stolen money is paid by accounts opened for it; a pot among friends is not by so many.
COLLECTED_FROM = 8
COLLECTED = 500_00

# The newest 200 confirmations are a payer's memory: who is not among them is new to them again.
FACTS = """
  WITH recent AS (
    SELECT c.order_id, c.payee_id, c.payee_handle, c.at
      FROM payments_confirmation c WHERE c.payer_id = %(payer)s ORDER BY c.id DESC LIMIT 200
  ), received AS (
    SELECT o.payer_id, o.amount FROM payments_order o
     WHERE o.payee_id = %(payee)s AND o.status = 'PAID'
       AND o.created_at > statement_timestamp() - interval '1 day'
     ORDER BY o.created_at DESC LIMIT 50
  ), from_new AS (
    SELECT r.payer_id, r.amount FROM received r JOIN accounts_user u ON u.id = r.payer_id
     WHERE u.joined_at > statement_timestamp() - interval '7 days'
  )
  SELECT statement_timestamp() AS at,
         EXISTS (SELECT FROM recent r JOIN payments_order o ON o.id = r.order_id
                  WHERE r.payee_id = %(payee)s AND o.status = 'PAID') AS has_paid_before,
         (SELECT count(DISTINCT payee_id) FROM recent
           WHERE payee_id <> %(payee)s AND at > statement_timestamp() - interval '1 hour') AS other_payees,
         (SELECT count(*) FROM recent
           WHERE at > statement_timestamp() - interval '10 minutes') AS just_confirmed,
         coalesce((SELECT payee_handle FROM recent WHERE payee_id = %(payee)s LIMIT 1), '') AS handle_before,
         EXISTS (SELECT FROM recent WHERE payee_id <> %(payee)s
                    AND lower(payee_handle) = lower(%(handle)s)) AS was_anothers_handle,
         (SELECT joined_network_at FROM accounts_identity WHERE id = %(payee)s) AS payee_on_network_since,
         (SELECT registered_at FROM accounts_device WHERE id = %(device)s) AS device_since,
         u.joined_at,
         greatest(u.phone_verified_at, u.password_changed_at,
                  (SELECT changed_at FROM accounts_secretcode WHERE user_id = u.id)) AS changed_at,
         (SELECT count(*) FROM payments_funding WHERE user_id = u.id AND status = 'FAILED'
             AND created_at > statement_timestamp() - interval '1 day') AS cards_refused,
         EXISTS (SELECT FROM payments_funding f JOIN payments_chargeback b ON b.funding_id = f.id
                  WHERE f.user_id = u.id AND b.status <> 'WON'
                    AND b.opened_at > statement_timestamp() - interval '90 days') AS was_charged_back,
         EXISTS (SELECT FROM payments_funding WHERE user_id = u.id AND status = 'FAILED'
                    AND created_at > statement_timestamp() - interval '7 days')
         OR EXISTS (SELECT FROM payments_payout WHERE user_id = u.id AND status IN ('RETURNED', 'REJECTED')
                       AND requested_at > statement_timestamp() - interval '30 days') AS had_funds_returned,
         (SELECT count(DISTINCT payer_id) FROM from_new WHERE payer_id <> u.id) AS new_payers,
         coalesce((SELECT sum(amount) FROM from_new WHERE payer_id <> u.id), 0)::bigint AS from_new_payers
    FROM accounts_user u WHERE u.id = %(payer)s
"""
_FACTS = Prepared("look_at_risk", FACTS, payer="bigint", payee="bigint", handle="text", device="bigint")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of an order, its payer and its payee at the moment `at`. Amounts are cents."""

    at: datetime
    has_paid_before: bool = True
    other_payees: int = 0
    just_confirmed: int = 0
    handle_before: str = ""
    was_anothers_handle: bool = False
    payee_on_network_since: datetime | None = None
    device_since: datetime | None = None
    joined_at: datetime
    changed_at: datetime | None = None
    cards_refused: int = 0
    was_charged_back: bool = False
    had_funds_returned: bool = False
    new_payers: int = 0
    from_new_payers: int = 0


_NAMES = [field.name for field in fields(Facts)]  # As `FACTS` selects them.


@dataclass(frozen=True)
class Assessment:
    """What the rules made of an order: the strictest verdict, and each rule that fired."""

    verdict: Verdict
    fired: Mapping[Rule, Verdict]
    facts: Facts


def assess(order: Order, *, device_id: int | None) -> Assessment:
    """Hold the order against every rule; `device_id` is the known device that it is confirmed on."""
    return judge(order, gather(order, device_id=device_id))


def judge(order: Order, facts: Facts) -> Assessment:
    """Hold the order against every rule, by what is known."""
    verdicts = {name: rule(order, facts) for name, rule in RULES.items()}
    fired = {name: verdict for name, verdict in verdicts.items() if verdict != Verdict.ALLOW}
    return Assessment(verdict=strictest(fired.values()), fired=fired, facts=facts)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Of these, what asks for most; nothing against it, if there is none."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.ALLOW)


def record(order: Order, assessment: Assessment) -> None:
    """Keep what fired, and what it saw, in the caller's transaction."""
    if not assessment.fired:
        return
    seen = _plain(assessment.facts)
    RiskFinding.objects.bulk_create(
        RiskFinding(order=order, rule=rule, verdict=verdict, facts=seen)
        for rule, verdict in assessment.fired.items()
    )


def is_to_review(order: Order) -> bool:
    """Whether a rule that fired when the code was given holds it, now that its card has paid."""
    return RiskFinding.objects.filter(order=order, verdict=Verdict.REVIEW).exists()


def gather(order: Order, *, device_id: int | None = None) -> Facts:
    """All facts, in one statement; exact under the payer's lock only."""
    asked = _FACTS(payer=order.payer_id, payee=order.payee_id, handle=order.payee.handle, device=device_id)
    (seen,) = prepared.run(asked)
    return read(seen)


def read(seen: Sequence[Any]) -> Facts:
    """What a row of the statement `FACTS` says."""
    return Facts(**dict(zip(_NAMES, seen, strict=True)))


# --- The rules ----------------------------------------------------------------------------------


def new_payee_large(order: Order, facts: Facts) -> Verdict:
    if facts.has_paid_before:
        return Verdict.ALLOW
    return _by_amount(order, factor=SMALL, review=VERY_LARGE)


def many_payees(_order: Order, facts: Facts) -> Verdict:
    """This one would be one too many, unless it goes to somebody who is among them."""
    return Verdict.REVIEW if facts.other_payees >= PAYEES_AN_HOUR else Verdict.ALLOW


def burst(_order: Order, facts: Facts) -> Verdict:
    return Verdict.FACTOR if facts.just_confirmed >= BURST else Verdict.ALLOW


def handle_changed(order: Order, facts: Facts) -> Verdict:
    """The same person by X's number, under another name: the payer is told, and shows who they are."""
    before = facts.handle_before
    is_same = not before or before.lower() == order.payee.handle.lower()
    return Verdict.ALLOW if is_same else Verdict.FACTOR


def handle_taken_over(order: Order, facts: Facts) -> Verdict:
    """Another person by X's number, under a name that was paid: just opened, it was opened for that."""
    if not facts.was_anothers_handle:
        return Verdict.ALLOW
    since = facts.payee_on_network_since
    is_newborn = since is not None and since > facts.at - NEWBORN
    if is_newborn and order.amount > SMALL:
        return Verdict.REFUSE
    return _by_amount(order, factor=0, review=SMALL)


def young_account(order: Order, facts: Facts) -> Verdict:
    since = facts.payee_on_network_since
    if since is None or facts.has_paid_before or since <= facts.at - YOUNG:
        return Verdict.ALLOW
    return _by_amount(order, factor=SMALL, review=SMALL if since > facts.at - NEWBORN else LARGE)


def new_device(order: Order, facts: Facts) -> Verdict:
    """A phone is new for a day; those whom it paid before may be paid from it at once."""
    is_new = facts.device_since is not None and facts.device_since > facts.at - A_DAY
    is_held = is_new and not facts.has_paid_before and order.amount > LARGE
    return Verdict.REVIEW if is_held else Verdict.ALLOW


def changed_lately(order: Order, facts: Facts) -> Verdict:
    """Whoever has just joined has chosen all of it today, and is met by the other rules."""
    has_just_joined = facts.joined_at > facts.at - A_DAY
    if has_just_joined or facts.changed_at is None or facts.changed_at <= facts.at - A_DAY:
        return Verdict.ALLOW
    return _by_amount(order, factor=SMALL, review=LARGE)


def cards_refused(order: Order, facts: Facts) -> Verdict:
    if facts.cards_refused < CARDS_REFUSED:
        return Verdict.ALLOW
    return _by_amount(order, factor=0, review=SMALL)


def returned_funds(order: Order, facts: Facts) -> Verdict:
    """A charge taken back weighs most: what it loaded may be spent already. One refused card happens."""
    if facts.was_charged_back:
        return _by_amount(order, factor=0, review=SMALL)
    return _by_amount(order, factor=0, review=VERY_LARGE) if facts.had_funds_returned else Verdict.ALLOW


def collecting(_order: Order, facts: Facts) -> Verdict:
    is_so = facts.new_payers >= COLLECTED_FROM and facts.from_new_payers >= COLLECTED
    return Verdict.REVIEW if is_so else Verdict.ALLOW


def _by_amount(order: Order, *, factor: int, review: int) -> Verdict:
    """A second factor above the one amount, a review above the other."""
    if order.amount > review:
        return Verdict.REVIEW
    return Verdict.FACTOR if order.amount > factor else Verdict.ALLOW


RULES: dict[Rule, Callable[[Order, Facts], Verdict]] = {
    Rule.NEW_PAYEE_LARGE: new_payee_large,
    Rule.MANY_PAYEES: many_payees,
    Rule.BURST: burst,
    Rule.HANDLE_CHANGED: handle_changed,
    Rule.HANDLE_TAKEN_OVER: handle_taken_over,
    Rule.YOUNG_ACCOUNT: young_account,
    Rule.NEW_DEVICE: new_device,
    Rule.CHANGED_LATELY: changed_lately,
    Rule.CARDS_REFUSED: cards_refused,
    Rule.RETURNED_FUNDS: returned_funds,
    Rule.COLLECTING: collecting,
}


def _plain(facts: Facts) -> dict[str, Any]:
    """For JSON: moments as text."""
    encode = DjangoJSONEncoder().default
    return {
        name: encode(value) if isinstance(value, datetime) else value for name, value in asdict(facts).items()
    }
