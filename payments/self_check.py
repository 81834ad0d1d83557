"""Proves that the books balance: each sentence is a query that must find nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from accounts import audit

# Views of the books, put before every query below.
_VIEWS = """
    WITH legs (account_id, amount) AS (
      SELECT source_id, -amount FROM payments_transfer
      UNION ALL SELECT target_id, amount FROM payments_transfer
    ), moved (account_id, amount) AS (
      SELECT account_id, sum(amount) FROM legs GROUP BY 1
    ), entries (account_id, amount) AS (
      SELECT account_id, sum(amount) FROM payments_entry GROUP BY 1
    ), balances (account_id, may_be_negative, amount) AS (
      SELECT b.account_id, b.may_be_negative, b.amount + coalesce(e.amount, 0)
      FROM payments_balance b LEFT JOIN entries e USING (account_id)
    ), last_events (order_id, status) AS (
      SELECT DISTINCT ON (order_id) order_id, status FROM payments_orderevent ORDER BY order_id, id DESC
    ), told (order_id, people) AS (
      SELECT order_id, count(*) FROM payments_notification
      WHERE kind IN ('PAYMENT_SENT', 'PAYMENT_RECEIVED') GROUP BY 1
    ), reversed (id, amount, kind, giver, taker, taker_kind) AS (
      SELECT t.id, t.amount, t.kind, source.owner_id, target.owner_id, target.kind FROM payments_transfer t
      JOIN payments_ledgeraccount source ON source.id = t.source_id
      JOIN payments_ledgeraccount target ON target.id = t.target_id
      WHERE t.kind IN ('REFUND', 'CARD_REFUND', 'REFUND_FAILED', 'CHARGEBACK', 'CHARGEBACK_WON')
    ), debts (id, amount, kind, giver, giver_kind, taker, taker_kind) AS (
      SELECT t.id, t.amount, t.kind, source.owner_id, source.kind, target.owner_id, target.kind
      FROM payments_transfer t JOIN payments_ledgeraccount source ON source.id = t.source_id
      JOIN payments_ledgeraccount target ON target.id = t.target_id
      WHERE t.kind IN ('RECOVERY', 'WRITE_OFF', 'DEBT_VOID')
    )
"""
# A leg of a payout: the transfer's amount, its kind, from which account to which, and whose wallet.
_LEG = """
    SELECT 1 FROM payments_payout p JOIN payments_transfer t ON t.id = p.{leg}_id
    JOIN payments_ledgeraccount source ON source.id = t.source_id
    JOIN payments_ledgeraccount target ON target.id = t.target_id
    WHERE (t.amount, t.kind, source.kind, target.kind, coalesce(source.owner_id, target.owner_id))
          IS DISTINCT FROM (p.amount, {terms})"""
_RESERVED = _LEG.format(leg="reservation", terms="'PAYOUT', 'WALLET', 'PAYOUT', p.user_id")
_PAID = _LEG.format(leg="settlement", terms="'PAYOUT_PAID', 'PAYOUT', 'BANK', NULL")
_BACK = _LEG.format(
    leg="back",
    terms="'PAYOUT_BACK', CASE p.status WHEN 'RETURNED' THEN 'BANK' ELSE 'PAYOUT' END, 'WALLET', p.user_id",
)
RULES = {
    "the trail of staff's acts is whole": audit.BROKEN,
    "what two of staff did was approved": """
        SELECT 1 FROM payments_halt h LEFT JOIN payments_proposal p ON p.id = h.proposal_id
        WHERE h.lifted_at IS NOT NULL AND (p.status, p.kind) IS DISTINCT FROM ('APPROVED', 'RESUME')
        UNION ALL SELECT 1 FROM payments_debtdecision d JOIN payments_proposal p ON p.id = d.proposal_id
        WHERE (p.status, p.kind, p.amount) IS DISTINCT FROM ('APPROVED', d.kind, d.amount)
        UNION ALL SELECT 1 FROM payments_erasure e JOIN payments_proposal p ON p.id = e.proposal_id
        WHERE (p.status, p.kind) IS DISTINCT FROM ('APPROVED', 'ERASE')""",
    "who is erased has left, and the other way round": """
        SELECT 1 FROM accounts_user u LEFT JOIN payments_erasure e ON e.user_id = u.id
        WHERE (u.erased_at IS NULL) <> (e.user_id IS NULL)""",
    "balances add up to zero": "SELECT 1 FROM balances HAVING sum(amount) <> 0",
    "a balance equals its transfers": """
        SELECT 1 FROM balances b LEFT JOIN moved m USING (account_id)
        WHERE b.amount <> coalesce(m.amount, 0)""",
    "no wallet is overdrawn": "SELECT 1 FROM balances WHERE amount < 0 AND NOT may_be_negative",
    "every ledger account has a balance": """
        SELECT 1 FROM payments_ledgeraccount a LEFT JOIN balances b ON b.account_id = a.id
        WHERE b.account_id IS NULL""",
    "a paid order's transfer has its terms": """
        SELECT 1 FROM payments_order o JOIN payments_transfer t ON t.id = o.transfer_id
        JOIN payments_ledgeraccount source ON source.id = t.source_id
        JOIN payments_ledgeraccount target ON target.id = t.target_id
        WHERE (t.amount, t.kind, source.kind, coalesce(source.owner_id, o.payer_id), target.owner_id)
              IS DISTINCT FROM (
                o.amount,
                CASE WHEN o.hold_id IS NULL THEN 'PAYMENT'
                     WHEN o.status = 'PAID' THEN 'RELEASE' ELSE 'RETURN' END,
                CASE WHEN o.hold_id IS NULL THEN 'WALLET' ELSE 'HELD' END,
                o.payer_id,
                CASE WHEN o.status = 'PAID' THEN o.payee_user_id ELSE o.payer_id END)""",
    "a held order's hold has its terms": """
        SELECT 1 FROM payments_order o JOIN payments_transfer t ON t.id = o.hold_id
        JOIN payments_ledgeraccount source ON source.id = t.source_id
        JOIN payments_ledgeraccount target ON target.id = t.target_id
        WHERE (t.id, t.amount, t.kind, source.owner_id, target.kind)
              IS DISTINCT FROM (o.id, o.amount, 'HOLD', o.payer_id, 'HELD')""",
    "every payment has its order": """
        SELECT 1 FROM payments_transfer t
        LEFT JOIN payments_order o ON o.transfer_id = t.id LEFT JOIN payments_order h ON h.hold_id = t.id
        WHERE t.kind IN ('PAYMENT', 'HOLD', 'RELEASE', 'RETURN') AND o.id IS NULL AND h.id IS NULL""",
    "what is set aside is what orders wait for": """
        SELECT 1 FROM balances b JOIN payments_ledgeraccount a ON a.id = b.account_id
        WHERE a.kind = 'HELD' AND b.amount <> (
          SELECT coalesce(sum(o.amount), 0) FROM payments_order o WHERE o.status IN ('HELD', 'REVIEW'))""",
    "every top-up has its funding": """
        SELECT 1 FROM payments_transfer t LEFT JOIN payments_funding f ON f.transfer_id = t.id
        WHERE t.kind = 'TOP_UP' AND f.id IS NULL""",
    "a payout's transfers have its terms": f"{_RESERVED} UNION ALL {_PAID} UNION ALL {_BACK}",
    "every transfer of a payout has its payout": """
        SELECT 1 FROM payments_transfer t
        WHERE t.kind IN ('PAYOUT', 'PAYOUT_PAID', 'PAYOUT_BACK') AND NOT EXISTS (
          SELECT FROM payments_payout p WHERE p.reservation_id = t.id
          UNION ALL SELECT FROM payments_payout p WHERE p.settlement_id = t.id
          UNION ALL SELECT FROM payments_payout p WHERE p.back_id = t.id)""",
    "what is on its way to banks is what payouts reserve": """
        SELECT 1 FROM (
          SELECT coalesce((SELECT sum(b.amount) FROM balances b JOIN payments_ledgeraccount a
                           ON a.id = b.account_id WHERE a.kind = 'PAYOUT'), 0) AS there,
                 coalesce((SELECT sum(amount) FROM payments_payout
                           WHERE status IN ('REQUESTED', 'EXPORTED')), 0) AS reserved) t
        WHERE there <> reserved""",
    "a payout's status is its last event": """
        SELECT 1 FROM payments_payout p WHERE p.status IS DISTINCT FROM (
          SELECT e.status FROM payments_payoutevent e WHERE e.payout_id = p.id ORDER BY e.id DESC LIMIT 1)""",
    "a file of payouts holds what it says": """
        SELECT 1 FROM payments_payoutbatch b LEFT JOIN payments_payout p ON p.batch_id = b.id
        GROUP BY b.id HAVING (b.count, b.control_sum) IS DISTINCT FROM (count(p.id), sum(p.amount))""",
    "a payout goes to an account that may be used": """
        SELECT 1 FROM payments_payout p JOIN payments_bankaccount a ON a.id = p.bank_account_id
        WHERE a.user_id <> p.user_id OR (a.outcome <> 'MATCH' AND a.accepted_at IS NULL)""",
    "no payout is stuck": """
        SELECT 1 FROM payments_payout p LEFT JOIN payments_payoutbatch b ON b.id = p.batch_id
        WHERE p.status = 'REQUESTED' AND greatest(p.requested_at, p.waits_until) < now() - interval '1 day'
              AND p.user_id NOT IN (SELECT user_id FROM accounts_freeze WHERE ended_at IS NULL)
           OR p.status = 'EXPORTED' AND (b.sent_at IS NULL AND b.exported_at < now() - interval '1 day'
                                         OR b.exported_at < now() - interval '7 days')""",
    "an order's status is its last event": """
        SELECT 1 FROM payments_order o LEFT JOIN last_events e ON e.order_id = o.id
        WHERE o.status IS DISTINCT FROM e.status""",
    "a paid request has its order, paid to its asker": """
        SELECT 1 FROM payments_request r LEFT JOIN payments_order o ON o.id = r.order_id
        WHERE r.status = 'PAID' AND (o.request_id, o.status, o.amount, o.payee_id, o.payee_user_id)
              IS DISTINCT FROM (r.id, 'PAID', r.amount, r.payee_id, r.asker_id)
        UNION ALL SELECT 1 FROM payments_order o JOIN payments_request r ON r.id = o.request_id
        WHERE o.status = 'PAID' AND r.order_id IS DISTINCT FROM o.id""",
    "a bill's shares add up to it": """
        SELECT 1 FROM payments_split s LEFT JOIN payments_request r ON r.split_id = s.id
        GROUP BY s.id HAVING s.own_share + coalesce(sum(r.amount), 0) <> s.amount""",
    "a request's status is its last event": """
        SELECT 1 FROM payments_request r WHERE r.status IS DISTINCT FROM (
          SELECT e.status FROM payments_requestevent e WHERE e.request_id = r.id
          ORDER BY e.id DESC LIMIT 1)""",
    "no request is stuck": """
        SELECT 1 FROM payments_request r
        WHERE r.status = 'OPEN' AND r.expires_at < now() - interval '15 minutes' AND NOT EXISTS (
          SELECT FROM payments_order o
          WHERE o.request_id = r.id AND o.status IN ('FUNDING', 'REVIEW', 'HELD'))""",
    "no order is stuck": """
        SELECT 1 FROM payments_order
        WHERE status IN ('PENDING', 'HELD') AND expires_at < now() - interval '15 minutes'
           OR status = 'REVIEW' AND confirmed_at < now() - interval '6 days'""",
    "what was confirmed is what was agreed to": """
        SELECT 1 FROM payments_order o
        WHERE o.confirmed_at IS NOT NULL AND NOT EXISTS (
          SELECT FROM payments_confirmation c
          WHERE (c.order_id, c.payer_id, c.payee_id, c.amount) = (o.id, o.payer_id, o.payee_id, o.amount))""",
    "a rule held what is under review": """
        SELECT 1 FROM payments_order o WHERE o.status = 'REVIEW' AND NOT EXISTS (
          SELECT FROM payments_riskfinding f WHERE f.order_id = o.id AND f.verdict = 'REVIEW')""",
    "a review ended as it was decided": """
        SELECT 1 FROM payments_review r JOIN payments_order o ON o.id = r.order_id
        WHERE o.status = 'REVIEW' OR (r.decision = 'RETURNED' AND o.status <> 'RETURNED')""",
    "both sides of a payment were told": """
        SELECT 1 FROM payments_order o LEFT JOIN told ON told.order_id = o.id
        WHERE o.status = 'PAID' AND told.people IS DISTINCT FROM 2""",
    "an order that asks a card has its open funding": """
        SELECT 1 FROM payments_order o FULL JOIN (
          SELECT order_id FROM payments_funding
          WHERE order_id IS NOT NULL AND status IN ('CREATED', 'ACTION', 'UNKNOWN')
        ) f ON f.order_id = o.id
        WHERE (o.status = 'FUNDING') IS DISTINCT FROM (f.order_id IS NOT NULL)""",
    "a card that was charged has paid, or is given back": """
        SELECT 1 FROM payments_funding f JOIN payments_order o ON o.id = f.order_id
        LEFT JOIN payments_refund r ON r.funding_id = f.id AND r.origin = 'SYSTEM'
        WHERE f.status = 'SUCCEEDED' AND r.id IS NULL
        GROUP BY o.id HAVING count(*) > 1
          OR o.status NOT IN ('REVIEW', 'HELD', 'PAID', 'RETURNED', 'CANCELLED')""",
    "a refund's transfers have its terms": """
        SELECT 1 FROM payments_refund r LEFT JOIN payments_order o ON o.id = r.order_id
        LEFT JOIN payments_funding f ON f.id = r.funding_id
        LEFT JOIN reversed t ON t.id = r.transfer_id LEFT JOIN reversed c ON c.id = r.card_transfer_id
        LEFT JOIN reversed b ON b.id = r.back_transfer_id
        WHERE r.order_id IS NOT NULL AND (t.amount, t.kind, t.giver, t.taker)
              IS DISTINCT FROM (r.amount, 'REFUND', o.payee_user_id, o.payer_id)
           OR r.funding_id IS NOT NULL AND (c.amount, c.kind, c.giver, c.taker_kind)
              IS DISTINCT FROM (r.amount, 'CARD_REFUND', f.user_id, 'CARD_CLEARING')
           OR r.status = 'FAILED' AND (b.amount, b.kind, b.taker)
              IS DISTINCT FROM (r.amount, 'REFUND_FAILED', f.user_id)""",
    "a chargeback's transfers have its terms": """
        SELECT 1 FROM payments_chargeback d JOIN payments_funding f ON f.id = d.funding_id
        LEFT JOIN reversed t ON t.id = d.wallet_transfer_id LEFT JOIN reversed b ON b.id = d.wallet_return_id
        WHERE d.taken > 0 AND (t.amount, t.kind, t.giver) IS DISTINCT FROM (d.taken, 'CHARGEBACK', f.user_id)
           OR d.taken > 0 AND d.status = 'WON'
              AND (b.amount, b.kind, b.taker) IS DISTINCT FROM (d.taken, 'CHARGEBACK_WON', f.user_id)""",
    "what goes back has its refund or chargeback": """
        SELECT 1 FROM reversed t WHERE NOT EXISTS (
          SELECT FROM payments_refund r WHERE t.id IN (r.transfer_id, r.card_transfer_id, r.back_transfer_id)
        ) AND NOT EXISTS (
          SELECT FROM payments_chargeback d
          WHERE t.id IN (d.wallet_transfer_id, d.owed_transfer_id, d.wallet_return_id, d.owed_return_id))""",
    "no payment is given back more than once over": """
        SELECT 1 FROM payments_refund r JOIN payments_order o ON o.id = r.order_id
        GROUP BY o.id HAVING sum(r.amount) > o.amount
        UNION ALL SELECT 1 FROM payments_refund r JOIN payments_funding f ON f.id = r.funding_id
        JOIN payments_transfer t ON t.id = f.transfer_id
        WHERE r.status <> 'FAILED' GROUP BY t.id HAVING sum(r.amount) > t.amount""",
    "what members owe is what their chargebacks left": """
        SELECT 1 FROM (SELECT coalesce(sum(b.amount), 0) AS amount FROM balances b
          JOIN payments_ledgeraccount a ON a.id = b.account_id WHERE a.kind = 'RECEIVABLE') receivable
        WHERE amount <> (SELECT coalesce(-sum(owed), 0) FROM payments_chargeback WHERE status <> 'WON')
          + (SELECT coalesce(sum(amount), 0) FROM payments_repayment WHERE back_id IS NULL)""",
    "what lessened a debt has its terms": """
        SELECT 1 FROM payments_repayment r JOIN payments_debtdecision d ON d.id = r.decision_id
        JOIN payments_chargeback c ON c.id = r.chargeback_id JOIN payments_funding f ON f.id = c.funding_id
        LEFT JOIN debts t ON t.id = r.transfer_id LEFT JOIN debts b ON b.id = r.back_id
        WHERE (t.amount, t.kind, t.giver_kind, t.giver, t.taker_kind, d.chargeback_id) IS DISTINCT FROM (
                r.amount, CASE d.kind WHEN 'RECOVER' THEN 'RECOVERY' ELSE d.kind END,
                CASE d.kind WHEN 'RECOVER' THEN 'WALLET' ELSE 'LOSSES' END,
                CASE d.kind WHEN 'RECOVER' THEN f.user_id END, 'RECEIVABLE', r.chargeback_id)
           OR (r.back_id IS NOT NULL) <> (c.status = 'WON')
           OR r.back_id IS NOT NULL AND (b.amount, b.kind, b.giver_kind, b.taker, b.taker_kind)
              IS DISTINCT FROM (r.amount, 'DEBT_VOID', 'RECEIVABLE', t.giver, t.giver_kind)""",
    "every transfer of a debt has its repayment": """
        SELECT 1 FROM debts t WHERE NOT EXISTS (
          SELECT FROM payments_repayment r WHERE t.id IN (r.transfer_id, r.back_id))""",
    "every fee has its charge, with its terms": """
        SELECT 1 FROM payments_feecharge c JOIN accounts_organisation o ON o.id = c.organisation_id
        LEFT JOIN payments_transfer t ON t.id = c.transfer_id
        LEFT JOIN payments_ledgeraccount source ON source.id = t.source_id
        LEFT JOIN payments_ledgeraccount target ON target.id = t.target_id
        WHERE c.amount <> 0 AND (t.amount, t.kind, source.kind, target.kind,
                                 coalesce(source.owner_id, target.owner_id))
              IS DISTINCT FROM (abs(c.amount), 'FEE', CASE WHEN c.amount > 0 THEN 'WALLET' ELSE 'FEES' END,
                                CASE WHEN c.amount > 0 THEN 'FEES' ELSE 'WALLET' END, o.account_id)
        UNION ALL SELECT 1 FROM payments_transfer t
        WHERE t.kind = 'FEE' AND NOT EXISTS (SELECT FROM payments_feecharge c WHERE c.transfer_id = t.id)""",
    "charges add up to the fees of their months": """
        SELECT 1 FROM (SELECT organisation_id, sum(amount) AS charged,
                              (array_agg(owed ORDER BY day DESC))[1] AS owed
                         FROM payments_feecharge GROUP BY 1) paid
        JOIN (SELECT organisation_id, sum(fee) AS fees FROM (
                SELECT DISTINCT ON (organisation_id, date_trunc('month', day)) organisation_id, fee
                  FROM payments_feecharge ORDER BY organisation_id, date_trunc('month', day), day DESC) months
               GROUP BY 1) due USING (organisation_id)
        WHERE paid.charged + paid.owed <> due.fees""",
    "no debt is paid more than once over": """
        SELECT 1 FROM payments_repayment r JOIN payments_chargeback c ON c.id = r.chargeback_id
        GROUP BY c.id HAVING sum(r.amount) > c.owed
        UNION ALL SELECT 1 FROM payments_repayment r JOIN payments_debtdecision d ON d.id = r.decision_id
        GROUP BY d.id HAVING sum(r.amount) > d.amount""",
}

_LATEST = "payments.self_check"
_TOLD_SECONDS = 30 * 60  # Three times the interval of the check.


@dataclass(frozen=True)
class Breach:
    """A rule of the books that does not hold, and how many rows break it."""

    rule: str
    rows: int


def run() -> list[Breach]:
    """All breaches."""
    with connection.cursor() as cursor:
        cursor.execute(statement())
        row = cursor.fetchone()
    return [Breach(rule, rows) for rule, rows in zip(RULES, row, strict=True) if rows]


def remember(breaches: list[Breach]) -> None:
    """Keep for staff what a check found, until it is too old to be told."""
    cache.set(_LATEST, len(breaches), timeout=_TOLD_SECONDS)


def latest() -> int | None:
    """How many rules the last check found broken; `None` if there was none lately."""
    found: int | None = cache.get(_LATEST)
    return found


def statement() -> str:
    """One query, so one snapshot of the database: how many rows break each of the rules."""
    counts = ", ".join(f"(SELECT count(*) FROM ({query}) q)" for query in RULES.values())  # noqa: S608  # our own rules, no words of anybody
    return f"{_VIEWS} SELECT {counts}"
