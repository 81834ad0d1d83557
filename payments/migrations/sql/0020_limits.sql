-- What members allow themselves. The database says since when it counts, whoever asks. ---------------
-- Lower counts at once, higher after 24 hours; a new wish takes the place of one that does not count yet.

CREATE FUNCTION date_own_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- Numbers are given before this lock, so the moment says which wish is newer.
  PERFORM FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
  NEW.asked_at := clock_timestamp();
  NEW.cancelled_at := NULL;
  NEW.before := (
    SELECT amount FROM payments_ownlimit
     WHERE user_id = NEW.user_id AND name = NEW.name
       AND cancelled_at IS NULL AND effective_at <= NEW.asked_at
     ORDER BY asked_at DESC LIMIT 1
  );
  NEW.effective_at := NEW.asked_at;
  IF NEW.before IS NOT NULL AND (NEW.amount IS NULL OR NEW.amount > NEW.before) THEN
    NEW.effective_at := NEW.asked_at + interval '24 hours';
  END IF;
  UPDATE payments_ownlimit SET cancelled_at = NEW.asked_at
   WHERE user_id = NEW.user_id AND name = NEW.name
     AND cancelled_at IS NULL AND effective_at > NEW.asked_at;
  RETURN NEW;
END $$;

CREATE TRIGGER own_limit_is_raised_a_day_later BEFORE INSERT ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION date_own_limit();

-- Cancelled, a row that counts would give way to the higher one before it.

CREATE FUNCTION keep_own_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.cancelled_at IS NOT NULL OR OLD.effective_at <= clock_timestamp()
     OR (OLD.id, OLD.user_id, OLD.name, OLD.amount, OLD.before, OLD.asked_at, OLD.effective_at)
        IS DISTINCT FROM
        (NEW.id, NEW.user_id, NEW.name, NEW.amount, NEW.before, NEW.asked_at, NEW.effective_at) THEN
    RAISE EXCEPTION 'an own limit is only cancelled, before it counts'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER own_limit_is_only_cancelled_before_it_counts BEFORE UPDATE ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION keep_own_limit();
CREATE TRIGGER own_limits_are_never_deleted BEFORE DELETE ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
