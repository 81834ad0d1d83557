-- A member who leaves: their wallet is closed while it is empty, and nothing new is kept of them.

CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON payments_card
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON payments_bankaccount
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();
CREATE TRIGGER former_member_has_nothing_new BEFORE INSERT ON payments_funding
  FOR EACH ROW EXECUTE FUNCTION refuse_former_member();

CREATE TRIGGER erasures_are_never_deleted BEFORE DELETE ON payments_erasure
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_are_only_finished BEFORE UPDATE ON payments_erasure
  FOR EACH ROW WHEN (
    OLD.finished_at IS NOT NULL
    OR (OLD.user_id, OLD.proposal_id, OLD.at) IS DISTINCT FROM (NEW.user_id, NEW.proposal_id, NEW.at)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasing_for_a_member_takes_two BEFORE INSERT ON payments_erasure
  FOR EACH ROW WHEN (NEW.proposal_id IS NOT NULL) EXECUTE FUNCTION needs_approval('ERASE');

-- Waits for whoever pays into the wallet, and is refused then (closed_wallet_is_empty); whoever pays after
-- it is refused by the same rule, which costs them nothing.
CREATE FUNCTION close_wallet(member bigint) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE payments_balance b SET is_closed = true FROM payments_ledgeraccount a
    WHERE a.id = b.account_id AND a.kind = 'WALLET' AND a.owner_id = member;
$$;

-- For what comes back after they have left: a payout that their bank returns, a dispute that is won.
CREATE FUNCTION reopen_wallet(member bigint) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE payments_balance b SET is_closed = false FROM payments_ledgeraccount a
    WHERE a.id = b.account_id AND a.kind = 'WALLET' AND a.owner_id = member AND b.is_closed;
$$;

-- What is written once holds handles of payees. Of those who have left they are emptied, and nothing else
-- of it can be changed, by whomever.

DROP TRIGGER confirmations_are_append_only ON payments_confirmation;
CREATE TRIGGER confirmations_are_append_only BEFORE UPDATE ON payments_confirmation
  FOR EACH ROW WHEN (
    NEW.payee_handle <> ''
    OR to_jsonb(OLD) - 'payee_handle' IS DISTINCT FROM to_jsonb(NEW) - 'payee_handle'
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmations_are_never_deleted BEFORE DELETE ON payments_confirmation
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP TRIGGER findings_are_append_only ON payments_riskfinding;
CREATE TRIGGER findings_are_append_only BEFORE UPDATE ON payments_riskfinding
  FOR EACH ROW WHEN (
    NEW.facts IS DISTINCT FROM OLD.facts - 'handle_before'
    OR to_jsonb(OLD) - 'facts' IS DISTINCT FROM to_jsonb(NEW) - 'facts'
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER findings_are_never_deleted BEFORE DELETE ON payments_riskfinding
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION forget_handles(member bigint) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH theirs AS (
    SELECT o.id FROM payments_order o
      JOIN accounts_identity i ON i.id = o.payee_id AND i.external_id = 'erased-' || i.id
      JOIN accounts_identitylink l ON l.identity_id = i.id AND l.user_id = member
      JOIN accounts_user u ON u.id = l.user_id AND u.erased_at IS NOT NULL
  ), said AS (
    UPDATE payments_confirmation c SET payee_handle = '' FROM theirs
      WHERE c.order_id = theirs.id AND c.payee_handle <> ''
  )
  UPDATE payments_riskfinding f SET facts = f.facts - 'handle_before' FROM theirs
    WHERE f.order_id = theirs.id AND f.facts ? 'handle_before';
$$;

REVOKE ALL ON FUNCTION close_wallet FROM PUBLIC;
REVOKE ALL ON FUNCTION reopen_wallet FROM PUBLIC;
REVOKE ALL ON FUNCTION forget_handles FROM PUBLIC;

-- Where money was sent is where it was sent; of somebody who has left, only that it was sent.
DROP TRIGGER bank_accounts_never_change ON payments_bankaccount;
CREATE TRIGGER bank_accounts_never_change BEFORE UPDATE ON payments_bankaccount
  FOR EACH ROW WHEN (
    (OLD.user_id, OLD.outcome) IS DISTINCT FROM (NEW.user_id, NEW.outcome)
    OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
    OR ((OLD.fingerprint, OLD.holder_name, OLD.suggested_name)
          IS DISTINCT FROM (NEW.fingerprint, NEW.holder_name, NEW.suggested_name)
        AND NOT (NEW.removed_at IS NOT NULL AND NEW.iban = ''::bytea AND NEW.fingerprint = ''
                 AND NEW.holder_name = ''))
  ) EXECUTE FUNCTION refuse_change();
