-- What was taken out of the public feed stays out, whoever asks.

CREATE FUNCTION refuse_to_show_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entry % was removed', OLD.id
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER removed_entry_stays_removed BEFORE UPDATE ON payments_feedentry
  FOR EACH ROW WHEN (OLD.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at)
  EXECUTE FUNCTION refuse_to_show_again();

-- Nobody is shown with what they posted before they allowed it: the moment is the database's.
CREATE FUNCTION date_publicity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.since := statement_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER publicity_begins_now BEFORE INSERT OR UPDATE ON payments_publicity
  FOR EACH ROW WHEN (NEW.since IS NOT NULL) EXECUTE FUNCTION date_publicity();
