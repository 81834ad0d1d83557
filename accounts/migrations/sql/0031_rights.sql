-- Who is staff, and what they may do, is changed by the tables' owner alone: by `add_staff` at the
-- console, or by a function of the owner's that asks for two (`apply_rights`).

CREATE FUNCTION check_rights() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID) THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'the rights of staff take two of staff'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'rights_take_two';
END $$;

CREATE TRIGGER staff_are_not_made_by_the_application BEFORE INSERT ON accounts_user
  FOR EACH ROW WHEN (NEW.is_staff OR NEW.is_superuser) EXECUTE FUNCTION check_rights();
CREATE TRIGGER rights_take_two BEFORE UPDATE ON accounts_user
  FOR EACH ROW WHEN (
    (OLD.is_staff, OLD.is_superuser) IS DISTINCT FROM (NEW.is_staff, NEW.is_superuser)
  ) EXECUTE FUNCTION check_rights();
CREATE TRIGGER groups_take_two BEFORE INSERT OR UPDATE OR DELETE ON accounts_user_groups
  FOR EACH ROW EXECUTE FUNCTION check_rights();
CREATE TRIGGER permissions_take_two BEFORE INSERT OR UPDATE OR DELETE ON accounts_user_user_permissions
  FOR EACH ROW EXECUTE FUNCTION check_rights();
