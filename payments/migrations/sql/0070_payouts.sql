-- What a payout is, and what was told to the bank, never changes; what happened is never deleted.

CREATE TRIGGER payout_terms_never_change BEFORE UPDATE ON payments_payout
  FOR EACH ROW WHEN (
    (OLD.user_id, OLD.bank_account_id, OLD.amount, OLD.form_key, OLD.reservation_id)
      IS DISTINCT FROM (NEW.user_id, NEW.bank_account_id, NEW.amount, NEW.form_key, NEW.reservation_id)
    OR (OLD.batch_id IS NOT NULL AND NEW.batch_id IS DISTINCT FROM OLD.batch_id)
    OR (OLD.settlement_id IS NOT NULL AND NEW.settlement_id IS DISTINCT FROM OLD.settlement_id)
    OR (OLD.back_id IS NOT NULL AND NEW.back_id IS DISTINCT FROM OLD.back_id)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payouts_are_never_deleted BEFORE DELETE ON payments_payout
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_events_are_append_only BEFORE UPDATE OR DELETE ON payments_payoutevent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_files_never_change BEFORE UPDATE ON payments_payoutbatch
  FOR EACH ROW WHEN (
    (OLD.way, OLD.digest, OLD.count, OLD.control_sum)
    IS DISTINCT FROM (NEW.way, NEW.digest, NEW.count, NEW.control_sum)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_files_are_never_deleted BEFORE DELETE ON payments_payoutbatch
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- Where money was sent is where it was sent: another number or name is another row.
CREATE TRIGGER bank_accounts_never_change BEFORE UPDATE ON payments_bankaccount
  FOR EACH ROW WHEN (
    (OLD.user_id, OLD.fingerprint, OLD.holder_name, OLD.outcome, OLD.suggested_name)
    IS DISTINCT FROM (NEW.user_id, NEW.fingerprint, NEW.holder_name, NEW.outcome, NEW.suggested_name)
    OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
  ) EXECUTE FUNCTION refuse_change();
