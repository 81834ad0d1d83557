-- Limits and tiers: what two of staff agreed on, in the transaction of the approval, and no other. -----

CREATE FUNCTION is_agreed(of_kind text, thing text, term jsonb) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM payments_proposal p
    WHERE p.about = thing AND p.terms @> term AND proposal_is_approved(p.id, of_kind)
  )
$$;

CREATE FUNCTION check_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (NEW.id, NEW.tier, NEW.name) IS DISTINCT FROM (OLD.id, OLD.tier, OLD.name)
     OR NOT is_agreed('LIMIT', 'payments.limit:' || NEW.id, jsonb_build_object('amount', NEW.amount)) THEN
    RAISE EXCEPTION 'a limit takes two of staff'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER limit_takes_two BEFORE UPDATE ON payments_limit
  FOR EACH ROW EXECUTE FUNCTION check_limit();

-- A tier rises by documents that somebody else of staff accepted just now, or by two of staff.
CREATE FUNCTION check_tier() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  ranks constant text[] := ARRAY['PHONE', 'IDENTIFIED', 'ENHANCED'];
BEGIN
  IF (array_position(ranks, NEW.tier::text) <= array_position(ranks, OLD.tier::text)) IS NOT FALSE THEN
    RETURN NEW;  -- No higher, or no tier at all, which a CHECK refuses.
  END IF;
  IF NEW.tier = 'IDENTIFIED' AND EXISTS (
    SELECT FROM accounts_dossier d
    WHERE d.user_id = NEW.id AND d.status = 'ACCEPTED' AND d.decided_at >= now() AND d.decided_by_id <> NEW.id
  ) THEN
    RETURN NEW;
  END IF;
  IF is_agreed('TIER', 'accounts.user:' || NEW.id, jsonb_build_object('tier', NEW.tier)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a tier takes documents, or two of staff'
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER tier_takes_documents_or_two BEFORE UPDATE OF tier ON accounts_user
  FOR EACH ROW WHEN (NEW.tier IS DISTINCT FROM OLD.tier) EXECUTE FUNCTION check_tier();

-- Money that leaves: agreed to with more than the code, and not before its time. ----------------------

CREATE FUNCTION refuse_code_alone() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a known device or a passkey is shown beside the code'
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER payout_is_agreed_to_strongly BEFORE INSERT ON payments_payout
  FOR EACH ROW WHEN (NEW.factor IS NULL) EXECUTE FUNCTION refuse_code_alone();
CREATE TRIGGER bank_account_is_agreed_to_strongly BEFORE INSERT ON payments_bankaccount
  FOR EACH ROW WHEN (NEW.factor IS NULL) EXECUTE FUNCTION refuse_code_alone();
CREATE TRIGGER payout_agreement_never_changes BEFORE UPDATE ON payments_payout
  FOR EACH ROW WHEN (
    (OLD.factor, OLD.device_id, OLD.passkey_id, OLD.waits_until)
    IS DISTINCT FROM (NEW.factor, NEW.device_id, NEW.passkey_id, NEW.waits_until)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_account_agreement_never_changes BEFORE UPDATE ON payments_bankaccount
  FOR EACH ROW WHEN (
    (OLD.factor, OLD.device_id, OLD.passkey_id) IS DISTINCT FROM (NEW.factor, NEW.device_id, NEW.passkey_id)
  ) EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_early_payout() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.waits_until > clock_timestamp() THEN
    RAISE EXCEPTION 'it waits until %', NEW.waits_until
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER payout_waits_its_time BEFORE UPDATE ON payments_payout
  FOR EACH ROW WHEN (OLD.status = 'REQUESTED' AND NEW.status = 'EXPORTED')
  EXECUTE FUNCTION refuse_early_payout();

-- No file and no refund begins while money stands still.
CREATE TRIGGER payout_files_stand_still BEFORE INSERT ON payments_payoutbatch
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
CREATE TRIGGER refunds_stand_still BEFORE INSERT ON payments_refund
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();

-- Debts: what we bear is an account below zero, as what is owed is. -----------------------------------

CREATE OR REPLACE FUNCTION open_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO payments_balance (account_id, mode, may_be_negative, amount) VALUES (
    NEW.id,
    CASE WHEN NEW.kind = 'WALLET' THEN 'STORED' ELSE 'APPEND' END,
    NEW.kind IN ('CARD_CLEARING', 'BANK', 'RECEIVABLE', 'LOSSES'),
    0
  );
  RETURN NULL;
END $$;

CREATE TRIGGER recovery_takes_two BEFORE INSERT ON payments_debtdecision
  FOR EACH ROW WHEN (NEW.kind = 'RECOVER') EXECUTE FUNCTION needs_approval('RECOVER');
CREATE TRIGGER write_off_takes_two BEFORE INSERT ON payments_debtdecision
  FOR EACH ROW WHEN (NEW.kind = 'WRITE_OFF') EXECUTE FUNCTION needs_approval('WRITE_OFF');
CREATE TRIGGER debt_decisions_are_append_only BEFORE UPDATE OR DELETE ON payments_debtdecision
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Nobody pays more than they owe, nor we for them, however many steps there are at once.
CREATE FUNCTION check_repayment() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  debt bigint;
  paid bigint;
  agreed bigint;
BEGIN
  SELECT owed INTO debt FROM payments_chargeback WHERE id = NEW.chargeback_id AND status <> 'WON'
    FOR NO KEY UPDATE;
  SELECT coalesce(sum(amount), 0) INTO paid FROM payments_repayment WHERE chargeback_id = NEW.chargeback_id;
  SELECT d.amount - coalesce((SELECT sum(r.amount) FROM payments_repayment r WHERE r.decision_id = d.id), 0)
    INTO agreed FROM payments_debtdecision d
    WHERE d.id = NEW.decision_id AND d.chargeback_id = NEW.chargeback_id;
  IF (paid + NEW.amount <= debt AND NEW.amount <= agreed AND NEW.back_id IS NULL) IS NOT TRUE THEN
    RAISE EXCEPTION '% cents are owed, % were paid, % more may be', debt, paid, agreed
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER repayments_never_exceed_the_debt BEFORE INSERT ON payments_repayment
  FOR EACH ROW EXECUTE FUNCTION check_repayment();
CREATE TRIGGER repayment_terms_never_change BEFORE UPDATE ON payments_repayment
  FOR EACH ROW WHEN (
    (OLD.decision_id, OLD.chargeback_id, OLD.amount, OLD."left", OLD.transfer_id, OLD.at)
      IS DISTINCT FROM (NEW.decision_id, NEW.chargeback_id, NEW.amount, NEW."left", NEW.transfer_id, NEW.at)
    OR OLD.back_id IS NOT NULL
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repayments_are_never_deleted BEFORE DELETE ON payments_repayment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

REVOKE ALL ON FUNCTION open_balance FROM PUBLIC;

-- The figures of cashing out to start from, in cents: most of a wallet in a day, all of it in a few. ---

INSERT INTO payments_limit (tier, name, amount) VALUES
  ('PHONE',      'PAYOUT_DAY',  15000), ('PHONE',      'PAYOUT_MONTH',   15000),
  ('IDENTIFIED', 'PAYOUT_DAY', 100000), ('IDENTIFIED', 'PAYOUT_MONTH',  500000),
  ('ENHANCED',   'PAYOUT_DAY', 300000), ('ENHANCED',   'PAYOUT_MONTH', 1500000);
