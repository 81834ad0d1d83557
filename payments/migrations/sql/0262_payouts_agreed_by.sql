-- Who agreed to a payout stays as it was written, as what they showed does. ---------------------------------

DROP TRIGGER payout_agreement_never_changes ON payments_payout;
CREATE TRIGGER payout_agreement_never_changes BEFORE UPDATE ON payments_payout
  FOR EACH ROW WHEN (
    (OLD.factor, OLD.device_id, OLD.passkey_id, OLD.waits_until, OLD.agreed_by_id)
    IS DISTINCT FROM (NEW.factor, NEW.device_id, NEW.passkey_id, NEW.waits_until, NEW.agreed_by_id)
  ) EXECUTE FUNCTION refuse_change();
