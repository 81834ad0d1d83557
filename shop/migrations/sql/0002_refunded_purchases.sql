-- What was given back whole is not dispatched, whoever writes it; given back in part, it is. -----------------
-- A refund writes the purchase's row: who dispatches it at that moment waits for the refund, and sees it here.

CREATE FUNCTION check_dispatch() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM payments_order o WHERE o.id = NEW.order_id
       AND o.amount <= (SELECT sum(r.amount) FROM payments_refund r WHERE r.order_id = o.id)
  ) THEN
    RAISE EXCEPTION 'purchase % was given back whole', NEW.order_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'refunded_purchase_is_not_dispatched';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER refunded_purchase_is_not_dispatched BEFORE UPDATE OF status ON shop_purchase
  FOR EACH ROW WHEN (OLD.status <> 'DISPATCHED' AND NEW.status = 'DISPATCHED') EXECUTE FUNCTION check_dispatch();
