-- A callback's secret is replaced by keeping the one before, which signs on beside it; then it is forgotten. -----

DROP TRIGGER callbacks_stay_where_they_go ON payments_callback;
CREATE TRIGGER callbacks_stay_where_they_go BEFORE UPDATE ON payments_callback
  FOR EACH ROW WHEN (
    OLD.removed_at IS NOT NULL
    OR (OLD.organisation_id, OLD.url, OLD.made_by_id, OLD.made_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.url, NEW.made_by_id, NEW.made_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE FUNCTION check_replaced_secret() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM payments_replacedsecret r WHERE r.callback_id = OLD.id AND r.secret = OLD.secret
  ) THEN
    RAISE EXCEPTION 'the secret of callback % would be lost to its receiver', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'replaced_secret_signs_on';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER replaced_secret_signs_on BEFORE UPDATE ON payments_callback
  FOR EACH ROW WHEN (OLD.secret IS DISTINCT FROM NEW.secret) EXECUTE FUNCTION check_replaced_secret();

CREATE TRIGGER replaced_secrets_are_only_forgotten BEFORE UPDATE ON payments_replacedsecret
  FOR EACH ROW WHEN (
    NEW.secret IS NOT NULL
    OR (OLD.callback_id, OLD.replaced_by_id, OLD.replaced_at)
    IS DISTINCT FROM (NEW.callback_id, NEW.replaced_by_id, NEW.replaced_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();
