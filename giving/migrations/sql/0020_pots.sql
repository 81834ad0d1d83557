-- What a pot is for never changes, nor how it ended; its words are emptied when its organiser leaves.

CREATE TRIGGER pot_terms_never_change BEFORE UPDATE ON giving_pot
  FOR EACH ROW WHEN (
    (OLD.organiser_id, OLD.payee_id, OLD.slug, OLD.code, OLD.goal, OLD.hides_total, OLD.opened_at, OLD.closes_at)
      IS DISTINCT FROM
    (NEW.organiser_id, NEW.payee_id, NEW.slug, NEW.code, NEW.goal, NEW.hides_total, NEW.opened_at, NEW.closes_at)
    OR (OLD.status <> 'OPEN'
        AND (OLD.status, OLD.ended_at, OLD.to_bank) IS DISTINCT FROM (NEW.status, NEW.ended_at, NEW.to_bank))
    OR (NEW.title NOT IN ('', OLD.title) OR NEW.story NOT IN ('', OLD.story))
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pots_are_never_deleted BEFORE DELETE ON giving_pot
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contribution_terms_never_change BEFORE UPDATE ON giving_contribution
  FOR EACH ROW WHEN ((OLD.order_id, OLD.pot_id) IS DISTINCT FROM (NEW.order_id, NEW.pot_id))
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributions_are_never_deleted BEFORE DELETE ON giving_contribution
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An order of a pot pays its organiser, and whoever has left opens none.

CREATE FUNCTION check_contribution() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM payments_order o JOIN giving_pot p ON p.id = NEW.pot_id
     WHERE o.id = NEW.order_id AND (o.kind, o.payee_id, o.payee_user_id) = ('POT', p.payee_id, p.organiser_id)
  ) THEN
    RAISE EXCEPTION 'order % does not pay the organiser of pot %', NEW.order_id, NEW.pot_id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER contribution_pays_the_organiser BEFORE INSERT ON giving_contribution
  FOR EACH ROW EXECUTE FUNCTION check_contribution();

CREATE FUNCTION check_organiser() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM accounts_user u WHERE u.id = NEW.organiser_id AND u.erased_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'user % has left', NEW.organiser_id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION check_organiser FROM PUBLIC;

CREATE TRIGGER former_member_opens_no_pot BEFORE INSERT ON giving_pot
  FOR EACH ROW EXECUTE FUNCTION check_organiser();
