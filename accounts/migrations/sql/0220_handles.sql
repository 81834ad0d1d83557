-- Which handles an identity bore: kept by the database, whoever changes the label.

CREATE FUNCTION keep_handle() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO accounts_handle (identity_id, handle, since) VALUES (NEW.id, NEW.handle, NEW.seen_at);
  RETURN NULL;
END $$;

CREATE TRIGGER new_identity_has_its_handle AFTER INSERT ON accounts_identity
  FOR EACH ROW WHEN (NEW.handle <> '') EXECUTE FUNCTION keep_handle();

CREATE TRIGGER renamed_identity_has_its_handle AFTER UPDATE OF handle ON accounts_identity
  FOR EACH ROW WHEN (NEW.handle <> '' AND NEW.handle IS DISTINCT FROM OLD.handle) EXECUTE FUNCTION keep_handle();

INSERT INTO accounts_handle (identity_id, handle, since)
SELECT id, handle, seen_at FROM accounts_identity WHERE handle <> '' ORDER BY id;
