-- What takes two of staff: held here, whatever a screen allows.

CREATE TRIGGER proposals_are_never_deleted BEFORE DELETE ON payments_proposal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposals_keep_their_terms BEFORE UPDATE ON payments_proposal
  FOR EACH ROW WHEN (
    OLD.status <> 'OPEN'
    OR (OLD.kind, OLD.about, OLD.terms, OLD.amount, OLD.reason, OLD.proposed_by_id, OLD.proposed_at)
    IS DISTINCT FROM
    (NEW.kind, NEW.about, NEW.terms, NEW.amount, NEW.reason, NEW.proposed_by_id, NEW.proposed_at)
  ) EXECUTE FUNCTION refuse_change();

-- Who proposes and who decides are of staff, at that moment; what was just proposed is not decided yet.
CREATE FUNCTION check_proposal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.status <> 'OPEN' THEN
    RAISE EXCEPTION 'a proposal begins open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_begins_open';
  END IF;
  IF NEW.status <> 'EXPIRED' AND NOT EXISTS (
    SELECT FROM accounts_user u WHERE u.id = coalesce(NEW.decided_by_id, NEW.proposed_by_id)
      AND u.is_staff AND u.is_active
  ) THEN
    RAISE EXCEPTION 'only staff propose and decide'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_between_staff';
  END IF;
  IF NEW.status <> 'OPEN' THEN
    NEW.decided_at := now();  -- The transaction's, by which `proposal_is_approved` knows it.
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER proposals_are_between_staff BEFORE INSERT OR UPDATE ON payments_proposal
  FOR EACH ROW EXECUTE FUNCTION check_proposal();

-- For the triggers and functions of what two of staff do. -------------------------------------------
-- Approved, and by this very transaction: an old approval is good for nothing.

CREATE FUNCTION proposal_is_approved(proposal bigint, of_kind text) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM payments_proposal p
    WHERE p.id = proposal AND p.kind = of_kind AND p.status = 'APPROVED'
      AND p.decided_by_id <> p.proposed_by_id AND p.decided_at = now()
  )
$$;

-- CREATE TRIGGER refund_takes_two BEFORE INSERT ON payments_refund
--   FOR EACH ROW EXECUTE FUNCTION needs_approval('REFUND');
-- The table has a column proposal_id, unique, so that an approval is used once.
CREATE FUNCTION needs_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF proposal_is_approved((to_jsonb(NEW) ->> 'proposal_id')::bigint, TG_ARGV[0]) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% takes two of staff', TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;
