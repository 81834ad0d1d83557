-- Who an organisation is stays what staff saw, and nobody signs in as one.

CREATE TRIGGER organisations_stay_who_they_are BEFORE UPDATE ON accounts_organisation
  FOR EACH ROW WHEN (
    (OLD.account_id, OLD.slug, OLD.founded_by_id, OLD.founded_at)
    IS DISTINCT FROM (NEW.account_id, NEW.slug, NEW.founded_by_id, NEW.founded_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE FUNCTION keep_what_was_reviewed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM accounts_user u WHERE u.id = OLD.account_id AND u.tier = 'ORGANISATION') THEN
    RAISE EXCEPTION 'organisation % was reviewed with these numbers', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER reviewed_organisation_keeps_its_numbers BEFORE UPDATE OF kind, siren, rna ON accounts_organisation
  FOR EACH ROW WHEN ((OLD.kind, OLD.siren, OLD.rna) IS DISTINCT FROM (NEW.kind, NEW.siren, NEW.rna))
  EXECUTE FUNCTION keep_what_was_reviewed();

CREATE FUNCTION refuse_sign_in_as_organisation() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM accounts_organisation o WHERE o.account_id = NEW.user_id) THEN
    RAISE EXCEPTION 'nobody signs in as an organisation'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_signs_in_as_an_organisation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER nobody_signs_in_as_an_organisation BEFORE INSERT ON accounts_secretcode
  FOR EACH ROW EXECUTE FUNCTION refuse_sign_in_as_organisation();
CREATE TRIGGER nobody_signs_in_as_an_organisation BEFORE INSERT ON accounts_device
  FOR EACH ROW EXECUTE FUNCTION refuse_sign_in_as_organisation();
CREATE TRIGGER nobody_signs_in_as_an_organisation BEFORE INSERT ON account_emailaddress
  FOR EACH ROW EXECUTE FUNCTION refuse_sign_in_as_organisation();
CREATE TRIGGER nobody_signs_in_as_an_organisation BEFORE INSERT ON mfa_authenticator
  FOR EACH ROW EXECUTE FUNCTION refuse_sign_in_as_organisation();

CREATE FUNCTION keep_organisations_account_shut() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (NEW.phone IS NOT NULL OR NEW.email <> '' OR NEW.password NOT LIKE '!%' OR NEW.is_staff OR NEW.is_superuser)
     AND EXISTS (SELECT FROM accounts_organisation o WHERE o.account_id = NEW.id) THEN
    RAISE EXCEPTION 'nobody signs in as an organisation'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_signs_in_as_an_organisation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER organisations_account_stays_shut
  BEFORE UPDATE OF phone, email, password, is_staff, is_superuser ON accounts_user
  FOR EACH ROW EXECUTE FUNCTION keep_organisations_account_shut();

-- A seat is what it was given as, and is left once; an invitation is taken or withdrawn once.

CREATE TRIGGER seats_are_only_left BEFORE UPDATE ON accounts_seat
  FOR EACH ROW WHEN (
    OLD.left_at IS NOT NULL OR (OLD.organisation_id, OLD.user_id, OLD.role, OLD.taken_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.user_id, NEW.role, NEW.taken_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();
CREATE TRIGGER invitations_are_taken_once BEFORE UPDATE ON accounts_invitation
  FOR EACH ROW WHEN (
    OLD.seat_id IS NOT NULL OR OLD.withdrawn_at IS NOT NULL
    OR (OLD.organisation_id, OLD.role, OLD.digest, OLD.invited_by_id, OLD.invited_at, OLD.expires_at)
    IS DISTINCT FROM (NEW.organisation_id, NEW.role, NEW.digest, NEW.invited_by_id, NEW.invited_at, NEW.expires_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON accounts_seat
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();

-- The tier of an organisation is for those that staff have accepted just now, and an organisation has no other.

-- Of those that have a number in common one is accepted: of two at once, the second sees the first.

CREATE FUNCTION check_organisations_tier() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.tier = 'ORGANISATION' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('organisation_is_accepted_once', 0));
    IF EXISTS (
         SELECT FROM accounts_organisation o
           JOIN accounts_organisation other ON other.id <> o.id
            AND (o.siren <> '' AND other.siren = o.siren OR o.rna <> '' AND other.rna = o.rna)
           JOIN accounts_user u ON u.id = other.account_id AND u.tier = 'ORGANISATION'
          WHERE o.account_id = NEW.id) THEN
      RAISE EXCEPTION 'an organisation of that number was accepted before'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'organisation_is_accepted_once';
    END IF;
  END IF;
  IF (NEW.tier = 'ORGANISATION') AND EXISTS (
       SELECT FROM accounts_organisation o JOIN accounts_dossier d ON d.user_id = o.account_id
        WHERE o.account_id = NEW.id AND d.status = 'ACCEPTED' AND d.decided_at >= now()
          AND d.decided_by_id <> o.founded_by_id
     ) THEN
    RETURN NEW;
  END IF;
  IF NEW.tier <> 'ORGANISATION' AND NOT EXISTS (
       SELECT FROM accounts_organisation o WHERE o.account_id = NEW.id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'only an organisation that staff have accepted is one'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'organisations_tier_takes_a_review';
END $$;

CREATE TRIGGER organisations_tier_takes_a_review BEFORE UPDATE OF tier ON accounts_user
  FOR EACH ROW WHEN (NEW.tier IS DISTINCT FROM OLD.tier) EXECUTE FUNCTION check_organisations_tier();
