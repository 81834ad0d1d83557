-- Money stands still while a halt is not lifted. ----------------------------------------------------
-- 55000, which Django calls an OperationalError: to be tried again later, as when the database is away.

CREATE FUNCTION refuse_while_halted() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM payments_halt WHERE lifted_at IS NULL) THEN
    RAISE EXCEPTION 'money stands still'
      USING ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'money_stands_still';
  END IF;
  RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION refuse_while_halted FROM PUBLIC;

CREATE TRIGGER transfers_stand_still BEFORE INSERT ON payments_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
-- No card is asked either: its money could not be credited.
CREATE TRIGGER fundings_stand_still BEFORE INSERT ON payments_funding
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();

CREATE TRIGGER halts_are_never_deleted BEFORE DELETE ON payments_halt
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER halts_are_only_lifted BEFORE UPDATE ON payments_halt
  FOR EACH ROW WHEN (
    OLD.lifted_at IS NOT NULL OR (OLD.breaches, OLD.at) IS DISTINCT FROM (NEW.breaches, NEW.at)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lifting_takes_two BEFORE UPDATE ON payments_halt
  FOR EACH ROW EXECUTE FUNCTION needs_approval('RESUME');

CREATE TRIGGER days_proofs_are_append_only BEFORE UPDATE OR DELETE ON payments_safeguardingday
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
