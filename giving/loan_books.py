"""Proves that loans are repaid as they were agreed: rules of `payments.self_check`, each finds nothing."""

from __future__ import annotations

RULES = {
    "a loan that runs has all that it borrowed": """
        SELECT 1 FROM giving_loan l LEFT JOIN giving_loanshare s ON s.loan_id = l.id AND s.is_taken
        LEFT JOIN payments_order o ON o.id = s.order_id AND o.status IN ('HELD', 'PAID')
        WHERE l.status IN ('RUNNING', 'REPAID', 'DEFAULTED')
        GROUP BY l.id HAVING coalesce(sum(o.amount), 0) <> l.goal OR count(s.order_id) <> count(o.id)
        UNION ALL SELECT 1 FROM giving_loanshare s JOIN payments_order o ON o.id = s.order_id
        WHERE o.status = 'PAID' AND s.is_taken IS DISTINCT FROM true
        UNION ALL SELECT 1 FROM payments_order o LEFT JOIN giving_loanshare s ON s.order_id = o.id
        WHERE o.kind = 'LOAN' AND (s.order_id IS NULL OR s.lender_id <> o.payer_id)""",
    "nobody lends who was not told of the risk": """
        SELECT 1 FROM giving_loanshare s JOIN payments_order o ON o.id = s.order_id
        WHERE s.agreed_at IS NULL AND o.status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')""",
    "a loan's instalments add up to it": """
        SELECT 1 FROM giving_loan l
        LEFT JOIN giving_instalment i ON i.loan_id = l.id AND i.replaced_at IS NULL
        GROUP BY l.id HAVING coalesce(sum(i.principal), 0)
          <> CASE WHEN l.status IN ('RUNNING', 'REPAID', 'DEFAULTED') THEN l.goal ELSE 0 END
          OR (l.status = 'REPAID') AND count(*) <> count(i.paid_at)""",
    "every repayment of a loan has its part with its terms": """
        SELECT 1 FROM payments_transfer t
        JOIN payments_ledgeraccount source ON source.id = t.source_id
        JOIN payments_ledgeraccount target ON target.id = t.target_id
        LEFT JOIN giving_repaymentpart p ON p.transfer_id = t.id
        LEFT JOIN giving_instalment i ON i.id = p.instalment_id
        LEFT JOIN giving_loan l ON l.id = i.loan_id
        LEFT JOIN accounts_organisation g ON g.id = l.organisation_id
        WHERE (t.kind = 'REPAYMENT' OR p.id IS NOT NULL)
          AND (t.kind, t.amount, source.kind, source.owner_id, target.kind, target.owner_id)
              IS DISTINCT FROM
              ('REPAYMENT', p.principal + p.interest, 'WALLET', g.account_id, 'WALLET', p.lender_id)""",
    "a paid instalment's parts add up to it": """
        SELECT 1 FROM giving_instalment i LEFT JOIN giving_repaymentpart p ON p.instalment_id = i.id
        GROUP BY i.id
        HAVING (i.paid_at IS NOT NULL
                AND (sum(p.principal), sum(p.interest)) IS DISTINCT FROM (i.principal, i.interest))
          OR coalesce(sum(p.principal), 0) > i.principal OR coalesce(sum(p.interest), 0) > i.interest
          OR (i.replaced_at IS NOT NULL AND count(p.id) > 0)""",
    "no lender is given back more than they lent": """
        SELECT 1 FROM (
          SELECT i.loan_id, p.lender_id, sum(p.principal) AS back FROM giving_repaymentpart p
          JOIN giving_instalment i ON i.id = p.instalment_id GROUP BY 1, 2) t
        FULL JOIN (
          SELECT s.loan_id, s.lender_id, sum(o.amount) AS given FROM giving_loanshare s
          JOIN payments_order o ON o.id = s.order_id WHERE s.is_taken GROUP BY 1, 2
        ) g USING (loan_id, lender_id)
        JOIN giving_loan l ON l.id = loan_id
        WHERE coalesce(back, 0) > coalesce(given, 0)
          OR (l.status = 'REPAID' AND coalesce(back, 0) <> coalesce(given, 0))""",
    "a loan's status is its last event": """
        SELECT 1 FROM giving_loan l WHERE l.status IS DISTINCT FROM (
          SELECT e.status FROM giving_loanevent e WHERE e.loan_id = l.id ORDER BY e.id DESC LIMIT 1)""",
    "no instalment is forgotten": """
        SELECT 1 FROM giving_instalment i JOIN giving_loan l ON l.id = i.loan_id
        WHERE i.paid_at IS NULL AND i.replaced_at IS NULL AND i.late_at IS NULL
          AND l.status IN ('RUNNING', 'DEFAULTED') AND i.due_on < current_date - 2""",
}
# What is late, and moves no money wrongly.
HARMLESS = {"no instalment is forgotten"}
