-- The trail of staff's acts: numbered without a gap, chained, append-only for every role.

CREATE FUNCTION refuse_change_to_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is kept as it was written', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

-- Over the digest before and the row; the text of jsonb is canonical.
CREATE FUNCTION audit_digest(entry accounts_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(entry.previous || jsonb_build_object(
    'number', entry.number, 'staff', entry.staff_id, 'act', entry.act, 'about', entry.about,
    'before', entry.before, 'after', entry.after, 'reason', entry.reason, 'at', extract(epoch FROM entry.at)
  )::text, 'UTF8')), 'hex')
$$;

-- One at a time, until the writer's transaction ends: two that follow the same row would fork the chain.
CREATE FUNCTION chain_act() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  last accounts_auditentry;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('accounts_auditentry'));
  SELECT * INTO last FROM accounts_auditentry ORDER BY number DESC LIMIT 1;
  NEW.number := coalesce(last.number, 0) + 1;
  NEW.at := clock_timestamp();
  NEW.previous := coalesce(last.digest, '');
  NEW.digest := audit_digest(NEW);
  RETURN NEW;
END $$;

CREATE TRIGGER acts_are_chained BEFORE INSERT ON accounts_auditentry
  FOR EACH ROW EXECUTE FUNCTION chain_act();
CREATE TRIGGER acts_are_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
  FOR EACH ROW EXECUTE FUNCTION refuse_change_to_acts();
CREATE TRIGGER acts_are_never_truncated BEFORE TRUNCATE ON accounts_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_to_acts();

CREATE TRIGGER freezes_keep_their_reason BEFORE UPDATE ON accounts_freeze
  FOR EACH ROW WHEN (
    OLD.ended_at IS NOT NULL OR (OLD.user_id, OLD.reason, OLD.by_id, OLD.at)
    IS DISTINCT FROM (NEW.user_id, NEW.reason, NEW.by_id, NEW.at)
  ) EXECUTE FUNCTION refuse_change_to_acts();
