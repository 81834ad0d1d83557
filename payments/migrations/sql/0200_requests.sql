-- What was asked of whom never changes; what happened is never deleted.

CREATE TRIGGER request_terms_never_change BEFORE UPDATE ON payments_request
  FOR EACH ROW WHEN (
    (OLD.reference, OLD.asker_id, OLD.payer_id, OLD.payee_id, OLD.split_id, OLD.amount, OLD.channel, OLD.channel_id)
      IS DISTINCT FROM
    (NEW.reference, NEW.asker_id, NEW.payer_id, NEW.payee_id, NEW.split_id, NEW.amount, NEW.channel, NEW.channel_id)
    OR (OLD.order_id IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id)
    OR (OLD.reminded_at IS NOT NULL AND NEW.reminded_at IS DISTINCT FROM OLD.reminded_at)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER requests_are_never_deleted BEFORE DELETE ON payments_request
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_events_are_append_only BEFORE UPDATE OR DELETE ON payments_requestevent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bill_terms_never_change BEFORE UPDATE ON payments_split
  FOR EACH ROW WHEN (
    (OLD.reference, OLD.asker_id, OLD.amount, OLD.own_share, OLD.channel, OLD.channel_id)
      IS DISTINCT FROM (NEW.reference, NEW.asker_id, NEW.amount, NEW.own_share, NEW.channel, NEW.channel_id)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bills_are_never_deleted BEFORE DELETE ON payments_split
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
