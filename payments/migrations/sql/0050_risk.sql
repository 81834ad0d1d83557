-- What let an order through, or held it, is written once.

CREATE TRIGGER confirmations_are_append_only BEFORE UPDATE OR DELETE ON payments_confirmation
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmations_are_never_truncated BEFORE TRUNCATE ON payments_confirmation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER findings_are_append_only BEFORE UPDATE OR DELETE ON payments_riskfinding
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_are_append_only BEFORE UPDATE OR DELETE ON payments_review
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What was confirmed before there were confirmations was so by the code alone.

INSERT INTO payments_confirmation (order_id, payer_id, payee_id, payee_handle, amount, factor, at)
SELECT o.id, o.payer_id, o.payee_id, i.handle, o.amount, 'CODE', o.confirmed_at
  FROM payments_order o
  JOIN accounts_identity i ON i.id = o.payee_id
 WHERE o.confirmed_at IS NOT NULL
 ORDER BY o.confirmed_at;

-- A large release takes two of staff, whatever a screen allows. The figure is also `reviews.TWO_ABOVE`.

CREATE FUNCTION check_release() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT amount FROM payments_order WHERE id = NEW.order_id) > 10000
     AND NOT proposal_is_approved(NEW.proposal_id, 'RELEASE') THEN
    RAISE EXCEPTION 'a large release takes two of staff'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER large_release_takes_two BEFORE INSERT ON payments_review
  FOR EACH ROW WHEN (NEW.decision = 'RELEASED') EXECUTE FUNCTION check_release();
