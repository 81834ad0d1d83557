-- What members owe is an account that only ever owes: it may be negative, as clearing may.
CREATE OR REPLACE FUNCTION open_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO payments_balance (account_id, mode, may_be_negative, amount) VALUES (
    NEW.id,
    CASE WHEN NEW.kind = 'WALLET' THEN 'STORED' ELSE 'APPEND' END,
    NEW.kind IN ('CARD_CLEARING', 'BANK', 'RECEIVABLE'),
    0
  );
  RETURN NULL;
END $$;

-- Nobody is given back more than was paid, however many ask at once: the payment's row is locked first.
CREATE FUNCTION check_refund() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  paid bigint;
  gone bigint;
BEGIN
  IF NEW.order_id IS NOT NULL THEN
    SELECT amount INTO paid FROM payments_order WHERE id = NEW.order_id AND status = 'PAID' FOR NO KEY UPDATE;
    SELECT coalesce(sum(amount), 0) INTO gone FROM payments_refund WHERE order_id = NEW.order_id;
    IF (gone + NEW.amount <= paid) IS NOT TRUE THEN
      RAISE EXCEPTION 'order % was paid % cents, % were given back', NEW.order_id, paid, gone
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_never_exceed_the_payment';
    END IF;
  END IF;
  IF NEW.funding_id IS NOT NULL THEN
    PERFORM FROM payments_funding WHERE id = NEW.funding_id FOR NO KEY UPDATE;
    SELECT t.amount INTO paid FROM payments_funding f JOIN payments_transfer t ON t.id = f.transfer_id
      WHERE f.id = NEW.funding_id;
    SELECT coalesce(sum(amount), 0) INTO gone FROM payments_refund
      WHERE funding_id = NEW.funding_id AND status <> 'FAILED';
    IF (gone + NEW.amount <= paid) IS NOT TRUE THEN
      RAISE EXCEPTION 'top-up % took % cents, % were given back', NEW.funding_id, paid, gone
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_never_exceed_the_payment';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER refunds_never_exceed_the_payment BEFORE INSERT ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION check_refund();
CREATE TRIGGER staff_refund_takes_two BEFORE INSERT ON payments_refund
  FOR EACH ROW WHEN (NEW.origin = 'STAFF') EXECUTE FUNCTION needs_approval('REFUND');
CREATE TRIGGER refund_terms_never_change BEFORE UPDATE ON payments_refund
  FOR EACH ROW WHEN (
    (OLD.origin, OLD.order_id, OLD.funding_id, OLD.amount, OLD.transfer_id, OLD.card_transfer_id)
    IS DISTINCT FROM
    (NEW.origin, NEW.order_id, NEW.funding_id, NEW.amount, NEW.transfer_id, NEW.card_transfer_id)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chargeback_terms_never_change BEFORE UPDATE ON payments_chargeback
  FOR EACH ROW WHEN (
    (OLD.funding_id, OLD.dispute_id, OLD.amount, OLD.taken, OLD.owed, OLD.wallet_transfer_id, OLD.owed_transfer_id)
    IS DISTINCT FROM
    (NEW.funding_id, NEW.dispute_id, NEW.amount, NEW.taken, NEW.owed, NEW.wallet_transfer_id, NEW.owed_transfer_id)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER funding_terms_never_change BEFORE UPDATE ON payments_funding
  FOR EACH ROW WHEN (
    (OLD.user_id, OLD.card_id, OLD.amount, OLD.order_id)
    IS DISTINCT FROM
    (NEW.user_id, NEW.card_id, NEW.amount, NEW.order_id)
  ) EXECUTE FUNCTION refuse_change();

REVOKE ALL ON FUNCTION open_balance FROM PUBLIC;
