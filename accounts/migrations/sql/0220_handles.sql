-- Which handles an identity bore: kept by the database, whoever changes the label.
-- One that is taken away is forgotten with all before it, as its owner was: the application deletes none.

CREATE FUNCTION keep_handle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.handle = '' THEN
    DELETE FROM accounts_handle WHERE identity_id = NEW.id;
  ELSE
    INSERT INTO accounts_handle (identity_id, handle, since) VALUES (NEW.id, NEW.handle, NEW.seen_at);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER new_identity_has_its_handle AFTER INSERT ON accounts_identity
  FOR EACH ROW WHEN (NEW.handle <> '') EXECUTE FUNCTION keep_handle();

CREATE TRIGGER renamed_identity_has_its_handle AFTER UPDATE OF handle ON accounts_identity
  FOR EACH ROW WHEN (NEW.handle IS DISTINCT FROM OLD.handle) EXECUTE FUNCTION keep_handle();

INSERT INTO accounts_handle (identity_id, handle, since)
SELECT id, handle, seen_at FROM accounts_identity WHERE handle <> '' ORDER BY id;
