-- What is sold keeps its name and its seller; stock has a history; a purchase is what its order pays for.

CREATE TRIGGER products_keep_code_and_seller BEFORE UPDATE ON shop_product
  FOR EACH ROW WHEN ((OLD.code, OLD.organisation_id) IS DISTINCT FROM (NEW.code, NEW.organisation_id))
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER products_are_never_deleted BEFORE DELETE ON shop_product
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER variants_stay_with_their_product BEFORE UPDATE ON shop_variant
  FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER variants_are_never_deleted BEFORE DELETE ON shop_variant
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_moves_are_append_only BEFORE UPDATE OR DELETE ON shop_stockmove
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_purchase() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM payments_order o
      JOIN shop_variant v ON v.id = NEW.variant_id
      JOIN shop_product p ON p.id = v.product_id
      JOIN accounts_organisation s ON s.id = p.organisation_id
     WHERE o.id = NEW.order_id AND o.kind = 'PURCHASE' AND o.status = 'PENDING' AND NEW.status = 'RESERVED'
       AND o.amount = NEW.price * NEW.quantity + NEW.shipping_fee AND o.payee_user_id = s.account_id
  ) THEN
    RAISE EXCEPTION 'a purchase is what its order pays for'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'purchase_is_what_its_order_pays_for';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER purchase_is_what_its_order_pays_for BEFORE INSERT ON shop_purchase
  FOR EACH ROW EXECUTE FUNCTION check_purchase();

CREATE TRIGGER purchase_terms_never_change BEFORE UPDATE ON shop_purchase
  FOR EACH ROW WHEN (
    (OLD.order_id, OLD.variant_id, OLD.title, OLD.quantity, OLD.price, OLD.shipping_fee, OLD.made_at)
      IS DISTINCT FROM
    (NEW.order_id, NEW.variant_id, NEW.title, NEW.quantity, NEW.price, NEW.shipping_fee, NEW.made_at)
    OR (OLD.bought_at IS NOT NULL AND NEW.bought_at IS DISTINCT FROM OLD.bought_at)
    OR (OLD.dispatched_at IS NOT NULL AND NEW.dispatched_at IS DISTINCT FROM OLD.dispatched_at)
    OR (OLD.address IS NULL AND NEW.address IS NOT NULL)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purchases_are_never_deleted BEFORE DELETE ON shop_purchase
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Its status follows its order's: bought with the payment, lapsed with the order's end without one.

CREATE FUNCTION check_purchase_step() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  paid text;
BEGIN
  SELECT o.status INTO paid FROM payments_order o WHERE o.id = NEW.order_id;
  IF (OLD.status, NEW.status) IN (('RESERVED', 'BOUGHT'), ('BOUGHT', 'DISPATCHED')) AND paid = 'PAID'
     OR (OLD.status, NEW.status) = ('RESERVED', 'LAPSED')
        AND paid IN ('DECLINED', 'VOIDED', 'EXPIRED', 'RETURNED', 'CANCELLED') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a purchase that is % does not become % while its order is %', OLD.status, NEW.status, paid
    USING ERRCODE = 'check_violation', CONSTRAINT = 'purchase_follows_its_order';
END $$;

CREATE TRIGGER purchase_follows_its_order BEFORE UPDATE OF status ON shop_purchase
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_purchase_step();

CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON shop_basket
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON shop_savedaddress
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
