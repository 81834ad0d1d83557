-- Gives a user of staff the rights that two others have agreed on, in the transaction of the approval.
-- Whose rights they are has no part in it.

CREATE FUNCTION apply_rights(proposal bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  agreed payments_proposal;
  member bigint;
BEGIN
  SELECT * INTO agreed FROM payments_proposal p WHERE p.id = proposal;
  IF NOT proposal_is_approved(proposal, 'RIGHTS') THEN
    RAISE EXCEPTION 'the rights of staff take two of staff'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rights_take_two';
  END IF;
  member := substring(agreed.about FROM '^accounts\.user:([0-9]+)$')::bigint;
  IF member IN (agreed.proposed_by_id, agreed.decided_by_id) THEN
    RAISE EXCEPTION 'nobody decides on their own rights'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_their_own_rights';
  END IF;
  UPDATE accounts_user SET is_staff = (agreed.terms ->> 'is_staff')::boolean,
      is_superuser = (agreed.terms ->> 'is_superuser')::boolean
    WHERE id = member;
  DELETE FROM accounts_user_groups WHERE user_id = member;
  INSERT INTO accounts_user_groups (user_id, group_id)
    SELECT member, g.id FROM auth_group g WHERE agreed.terms -> 'groups' ? g.name;
END $$;

REVOKE ALL ON FUNCTION apply_rights FROM PUBLIC;
