-- What is kept of somebody who left is dated by the database, never changed, and kept for its five years.

CREATE FUNCTION date_sealed_record() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.sealed_at := statement_timestamp();
  NEW.kept_until := NEW.sealed_at + interval '5 years';
  RETURN NEW;
END $$;

CREATE TRIGGER sealed_records_are_dated BEFORE INSERT ON accounts_sealedrecord
  FOR EACH ROW EXECUTE FUNCTION date_sealed_record();
CREATE TRIGGER sealed_records_never_change BEFORE UPDATE ON accounts_sealedrecord
  FOR EACH ROW EXECUTE FUNCTION refuse_change_to_acts();
CREATE TRIGGER sealed_records_are_kept_five_years BEFORE DELETE ON accounts_sealedrecord
  FOR EACH ROW WHEN (OLD.kept_until > statement_timestamp()) EXECUTE FUNCTION refuse_change_to_acts();

-- Who has left does not come back to the same row.
CREATE TRIGGER former_members_stay_so BEFORE UPDATE ON accounts_user
  FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
  EXECUTE FUNCTION refuse_change_to_acts();

-- Nothing new is kept of who has left: what was under way waits for the row of a leaving member, and sees
-- then that they have left.

CREATE FUNCTION refuse_former_member() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM accounts_user u WHERE u.id = NEW.user_id AND u.erased_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'user % has left', NEW.user_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'former_member_has_nothing_new';
  END IF;
  RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION refuse_former_member FROM PUBLIC;

CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON accounts_secretcode
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON accounts_device
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON accounts_dossier
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON accounts_identitylink
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON account_emailaddress
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON mfa_authenticator
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
