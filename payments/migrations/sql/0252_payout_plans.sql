-- What was agreed to never changes; a plan is looked at, and ends once.

CREATE TRIGGER plan_of_payouts_stays_as_agreed BEFORE UPDATE ON payments_payoutplan
  FOR EACH ROW WHEN (
    OLD.ended_at IS NOT NULL OR NEW.looked_on < OLD.looked_on
    OR (OLD.organisation_id, OLD.bank_account_id, OLD.period, OLD.minimum, OLD.set_by_id, OLD.set_at,
        OLD.factor, OLD.device_id, OLD.passkey_id)
       IS DISTINCT FROM (NEW.organisation_id, NEW.bank_account_id, NEW.period, NEW.minimum, NEW.set_by_id,
        NEW.set_at, NEW.factor, NEW.device_id, NEW.passkey_id)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plans_of_payouts_are_never_deleted BEFORE DELETE ON payments_payoutplan
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Money goes to the organisation's own account, by the agreement of who acts for it.

CREATE FUNCTION check_payout_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
       SELECT FROM accounts_organisation o
         JOIN payments_bankaccount a ON a.user_id = o.account_id AND a.id = NEW.bank_account_id
         JOIN accounts_seat s ON s.organisation_id = o.id AND s.user_id = NEW.set_by_id
                             AND s.left_at IS NULL AND s.role IN ('OWNER', 'TREASURER')
        WHERE o.id = NEW.organisation_id) THEN
    RAISE EXCEPTION 'a plan pays to an account of the organisation, by who acts for it'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER plan_is_of_who_acts_for_it BEFORE INSERT ON payments_payoutplan
  FOR EACH ROW EXECUTE FUNCTION check_payout_plan();
