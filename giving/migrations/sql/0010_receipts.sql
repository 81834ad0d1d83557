-- Who may issue receipts is allowed by two of staff, for what they have looked at. -------------------------

CREATE FUNCTION check_issuer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM payments_proposal p WHERE p.id = NEW.proposal_id
      AND proposal_is_approved(p.id, 'RECEIPTS')
      AND p.about = 'giving.receiptissuer:' || NEW.organisation_id
  ) THEN
    RAISE EXCEPTION 'issuing receipts takes two of staff'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'issuing_receipts_takes_two';
  END IF;
  IF NEW.ended_at IS NULL AND NOT EXISTS (
    SELECT FROM accounts_organisation o JOIN accounts_user u ON u.id = o.account_id
     WHERE o.id = NEW.organisation_id AND o.kind <> 'COMPANY' AND u.tier = 'ORGANISATION'
  ) THEN
    RAISE EXCEPTION 'a company, or an organisation that was not reviewed, issues no receipts'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'issuer_is_of_general_interest';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER issuing_receipts_begins_with_a_wish BEFORE INSERT ON giving_receiptissuer
  FOR EACH ROW WHEN (NEW.proposal_id IS NOT NULL) EXECUTE FUNCTION check_issuer();
CREATE TRIGGER issuing_receipts_takes_two BEFORE UPDATE ON giving_receiptissuer
  FOR EACH ROW WHEN (
    (OLD.proposal_id, OLD.since, OLD.ended_at) IS DISTINCT FROM (NEW.proposal_id, NEW.since, NEW.ended_at)
  ) EXECUTE FUNCTION check_issuer();
CREATE TRIGGER issuer_stays_what_was_looked_at BEFORE UPDATE ON giving_receiptissuer
  FOR EACH ROW WHEN (
    OLD.organisation_id <> NEW.organisation_id
    OR (OLD.proposal_id IS NOT NULL AND OLD.ended_at IS NULL
        AND (OLD.quality, OLD.decreed_on, OLD.articles) IS DISTINCT FROM (NEW.quality, NEW.decreed_on, NEW.articles))
  ) EXECUTE FUNCTION refuse_change();

-- Where a giver lives: of nobody who has left.

CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT OR UPDATE ON giving_giveraddress
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();

-- A receipt: dated and numbered without a gap, for six years (livre des procédures fiscales, L102 E). --------

CREATE FUNCTION check_receipt() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before integer;
BEGIN
  NEW.issued_at := statement_timestamp();
  NEW.kept_until := NEW.issued_at + interval '6 years';
  PERFORM FROM accounts_user u WHERE u.id = NEW.giver_id AND u.erased_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'user % has left', NEW.giver_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'former_member_has_nothing_new';
  END IF;
  PERFORM FROM giving_receiptissuer i
    WHERE i.organisation_id = NEW.organisation_id AND i.proposal_id IS NOT NULL AND i.ended_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'organisation % issues no receipts', NEW.organisation_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_is_of_an_issuer';
  END IF;
  IF NEW.void_at IS NOT NULL OR NEW.content IS NULL THEN
    RAISE EXCEPTION 'a receipt begins valid and says something'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_begins_valid';
  END IF;
  SELECT coalesce(max(r.number), 0) INTO before FROM giving_receipt r
    WHERE r.organisation_id = NEW.organisation_id AND r.year = NEW.year;
  IF NEW.number <> before + 1 THEN
    RAISE EXCEPTION 'after receipt % comes no receipt %', before, NEW.number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipts_are_numbered_without_a_gap';
  END IF;
  IF NEW.year NOT BETWEEN extract(year FROM NEW.issued_at AT TIME ZONE 'Europe/Paris') - 1
                      AND extract(year FROM NEW.issued_at AT TIME ZONE 'Europe/Paris') THEN
    RAISE EXCEPTION 'a receipt is of the year in which it was issued'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_is_of_its_year';
  END IF;
  RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION check_receipt FROM PUBLIC;

CREATE TRIGGER receipts_are_numbered_without_a_gap BEFORE INSERT ON giving_receipt
  FOR EACH ROW EXECUTE FUNCTION check_receipt();
CREATE TRIGGER receipts_never_change BEFORE UPDATE ON giving_receipt
  FOR EACH ROW WHEN (
    to_jsonb(OLD) - '{void_at,void_reason,voided_by_id,content}'::text[]
      IS DISTINCT FROM to_jsonb(NEW) - '{void_at,void_reason,voided_by_id,content}'::text[]
    OR (OLD.void_at IS NOT NULL AND (OLD.void_at, OLD.void_reason, OLD.voided_by_id)
          IS DISTINCT FROM (NEW.void_at, NEW.void_reason, NEW.voided_by_id))
    OR (OLD.content IS DISTINCT FROM NEW.content
          AND NOT (NEW.content IS NULL AND OLD.kept_until <= statement_timestamp()))
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_are_never_deleted BEFORE DELETE ON giving_receipt
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Its gifts: paid by its giver to its issuer, with what was not given back of each; void with it. -----------
-- What a receipt was void for as no gift, or as one with a receipt on paper, is never on another one.

CREATE FUNCTION check_receipted_gift() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.void_at IS NOT NULL OR NOT EXISTS (
    SELECT FROM giving_receipt r
      JOIN accounts_organisation g ON g.id = r.organisation_id
      JOIN payments_order o ON o.id = NEW.order_id AND o.payer_id = r.giver_id AND o.payee_user_id = g.account_id
     WHERE r.id = NEW.receipt_id AND r.void_at IS NULL AND o.status = 'PAID' AND o.kind IN ('SEND', 'GIFT')
       AND NEW.amount = o.amount - coalesce(
             (SELECT sum(b.amount) FROM payments_refund b WHERE b.order_id = o.id), 0)
  ) THEN
    RAISE EXCEPTION 'order % is no gift of that giver to that issuer', NEW.order_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_is_for_gifts_that_were_paid';
  END IF;
  IF EXISTS (
    SELECT FROM giving_receiptedgift g JOIN giving_receipt r ON r.id = g.receipt_id
     WHERE g.order_id = NEW.order_id AND r.void_reason IN ('NO_GIFT', 'TWICE')
  ) THEN
    RAISE EXCEPTION 'order % was no gift, or has a receipt on paper', NEW.order_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_without_a_receipt_stays_so';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER receipt_is_for_gifts_that_were_paid BEFORE INSERT ON giving_receiptedgift
  FOR EACH ROW EXECUTE FUNCTION check_receipted_gift();

CREATE FUNCTION check_receipts_sum() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  receipt uuid := coalesce(to_jsonb(NEW) ->> 'receipt_id', to_jsonb(NEW) ->> 'id');
BEGIN
  IF NOT EXISTS (
    SELECT FROM giving_receipt r WHERE r.id = receipt
       AND r.amount = (SELECT sum(g.amount) FROM giving_receiptedgift g WHERE g.receipt_id = r.id)
  ) THEN
    RAISE EXCEPTION 'receipt % is not the sum of its gifts', receipt
      USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_is_the_sum_of_its_gifts';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER receipt_is_the_sum_of_its_gifts AFTER INSERT ON giving_receipt
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_receipts_sum();
CREATE CONSTRAINT TRIGGER receipt_is_the_sum_of_its_gifts AFTER INSERT ON giving_receiptedgift
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_receipts_sum();

-- The application may not write there: a gift is void when its receipt is, and no sooner.
CREATE FUNCTION void_receipted_gifts() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE giving_receiptedgift g SET void_at = NEW.void_at WHERE g.receipt_id = NEW.id;
  RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION void_receipted_gifts FROM PUBLIC;

CREATE TRIGGER gifts_are_void_with_their_receipt AFTER UPDATE OF void_at ON giving_receipt
  FOR EACH ROW WHEN (OLD.void_at IS NULL AND NEW.void_at IS NOT NULL) EXECUTE FUNCTION void_receipted_gifts();
