-- An order to somebody who has not joined gets its paid member once, when the money is claimed.
DROP TRIGGER order_terms_never_change ON payments_order;
CREATE TRIGGER order_terms_never_change BEFORE UPDATE ON payments_order
  FOR EACH ROW WHEN (
    (OLD.payer_id, OLD.payee_id, OLD.amount, OLD.kind, OLD.channel, OLD.channel_id)
    IS DISTINCT FROM
    (NEW.payer_id, NEW.payee_id, NEW.amount, NEW.kind, NEW.channel, NEW.channel_id)
    OR OLD.payee_user_id IS NOT NULL AND NEW.payee_user_id IS DISTINCT FROM OLD.payee_user_id
  ) EXECUTE FUNCTION refuse_change();

-- Paid before the moment of the code was kept: it was the moment of the payment.
UPDATE payments_order SET confirmed_at = e.at
  FROM payments_orderevent e WHERE e.order_id = payments_order.id AND e.status = 'PAID';
