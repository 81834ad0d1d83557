-- Whoever's identity was checked, or is being checked, keeps the name that it is checked by: what is sealed
-- of them is that. The owner may put it right, and whoever leaves has none any more.

CREATE FUNCTION keep_checked_name() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID) THEN
    RETURN NEW;
  END IF;
  IF OLD.tier <> 'PHONE'
     OR EXISTS (SELECT FROM accounts_dossier d WHERE d.user_id = OLD.id AND d.status = 'WAITING') THEN
    RAISE EXCEPTION 'user % is known by the name that was checked', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'checked_name_stays';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER checked_name_stays BEFORE UPDATE OF name ON accounts_user
  FOR EACH ROW WHEN (NEW.name IS DISTINCT FROM OLD.name AND NEW.erased_at IS NULL)
  EXECUTE FUNCTION keep_checked_name();
