-- Since when a receipt would say of its issuer what it says now: all of that is in three tables. -------------

CREATE FUNCTION date_issuers_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.changed_at := statement_timestamp();
  RETURN NEW;
END $$;

CREATE TRIGGER issuer_changes_at_a_moment BEFORE UPDATE ON giving_receiptissuer
  FOR EACH ROW WHEN (
    (OLD.quality, OLD.decreed_on, OLD.articles, OLD.signatory_name, OLD.signatory_office)
      IS DISTINCT FROM (NEW.quality, NEW.decreed_on, NEW.articles, NEW.signatory_name, NEW.signatory_office)
  ) EXECUTE FUNCTION date_issuers_change();

CREATE FUNCTION date_organisations_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE giving_receiptissuer i SET changed_at = statement_timestamp() WHERE i.organisation_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER issuer_changes_with_its_organisation AFTER UPDATE ON accounts_organisation
  FOR EACH ROW WHEN (
    (OLD.street, OLD.postcode, OLD.city, OLD.purpose, OLD.siren, OLD.rna)
      IS DISTINCT FROM (NEW.street, NEW.postcode, NEW.city, NEW.purpose, NEW.siren, NEW.rna)
  ) EXECUTE FUNCTION date_organisations_change();

CREATE FUNCTION date_names_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE giving_receiptissuer i SET changed_at = statement_timestamp()
    FROM accounts_organisation o WHERE o.account_id = NEW.id AND i.organisation_id = o.id;
  RETURN NULL;
END $$;

CREATE TRIGGER issuer_changes_with_its_name AFTER UPDATE OF name ON accounts_user
  FOR EACH ROW WHEN (NEW.tier = 'ORGANISATION' AND OLD.name <> NEW.name) EXECUTE FUNCTION date_names_change();
