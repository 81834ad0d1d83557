-- What was shown, agreed and said does not change; what ended stays so.

CREATE TRIGGER api_keys_are_only_revoked BEFORE UPDATE ON payments_apikey
  FOR EACH ROW WHEN (
    OLD.revoked_at IS NOT NULL
    OR (OLD.organisation_id, OLD.name, OLD.digest, OLD.prefix, OLD.scope, OLD.made_by_id, OLD.made_at)
    IS DISTINCT FROM
    (NEW.organisation_id, NEW.name, NEW.digest, NEW.prefix, NEW.scope, NEW.made_by_id, NEW.made_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE TRIGGER callbacks_stay_where_they_go BEFORE UPDATE ON payments_callback
  FOR EACH ROW WHEN (
    OLD.removed_at IS NOT NULL
    OR (OLD.organisation_id, OLD.url, OLD.secret, OLD.made_by_id, OLD.made_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.url, NEW.secret, NEW.made_by_id, NEW.made_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE FUNCTION refuse_to_announce_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was announced, or is settled, stays so'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER callbacks_only_go_on BEFORE UPDATE OF announced ON payments_callback
  FOR EACH ROW WHEN (NEW.announced < OLD.announced) EXECUTE FUNCTION refuse_to_announce_again();
CREATE TRIGGER horizon_only_goes_on BEFORE UPDATE ON payments_horizon
  FOR EACH ROW WHEN (NEW.settled < OLD.settled OR NEW.candidate < OLD.candidate)
  EXECUTE FUNCTION refuse_to_announce_again();

CREATE TRIGGER events_are_told_in_the_same_words BEFORE UPDATE ON payments_callbackdelivery
  FOR EACH ROW WHEN (
    (OLD.callback_id, OLD.event, OLD.kind, OLD.body, OLD.made_at)
    IS DISTINCT FROM (NEW.callback_id, NEW.event, NEW.kind, NEW.body, NEW.made_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

