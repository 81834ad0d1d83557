-- The ledger's own rules. Everything here holds for every role that the application can use.

-- What happened is never changed. ------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER transfers_are_append_only BEFORE UPDATE OR DELETE ON payments_transfer
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_are_never_truncated BEFORE TRUNCATE ON payments_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_accounts_never_change BEFORE UPDATE OR DELETE ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_events_are_append_only BEFORE UPDATE OR DELETE ON payments_orderevent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER orders_are_never_deleted BEFORE DELETE ON payments_order
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_terms_never_change BEFORE UPDATE ON payments_order
  FOR EACH ROW WHEN (
    (OLD.payer_id, OLD.payee_id, OLD.payee_user_id, OLD.amount, OLD.kind, OLD.channel, OLD.channel_id)
    IS DISTINCT FROM
    (NEW.payer_id, NEW.payee_id, NEW.payee_user_id, NEW.amount, NEW.kind, NEW.channel, NEW.channel_id)
  ) EXECUTE FUNCTION refuse_change();

-- A ledger account is opened with its balance. -----------------------------------------------------
-- Wallets are locked by each transfer; accounts of the system mostly receive, and are appended to.

CREATE FUNCTION open_balance() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO payments_balance (account_id, mode, may_be_negative, amount) VALUES (
    NEW.id,
    CASE WHEN NEW.kind = 'WALLET' THEN 'STORED' ELSE 'APPEND' END,
    NEW.kind IN ('CARD_CLEARING', 'BANK'),
    0
  );
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_account_is_opened_with_its_balance AFTER INSERT ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION open_balance();

-- Changes one balance by `delta` cents; returns the new one, or NULL where the account is appended to.

CREATE FUNCTION change_balance(account bigint, delta bigint) RETURNS bigint
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  after bigint;
BEGIN
  UPDATE payments_balance SET amount = amount + delta
    WHERE account_id = account AND mode = 'STORED' RETURNING amount INTO after;
  IF FOUND THEN
    RETURN after;
  END IF;
  INSERT INTO payments_entry (account_id, amount) VALUES (account, delta);
  IF delta < 0 AND EXISTS (
    SELECT FROM payments_balance b WHERE b.account_id = account AND NOT b.may_be_negative
      AND b.amount + (SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = account) < 0
  ) THEN
    RAISE EXCEPTION 'ledger account % has less than % cents', account, -delta
      USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_is_never_overdrawn';
  END IF;
  RETURN NULL;
END $$;

-- The one way to move money: posts the transfers, all or none, and returns how many were new. --------
-- A transfer whose id is there already is a replay and moves nothing; with other terms it is refused.
-- Balances are locked in the order of their accounts, so that no two postings wait for each other.

CREATE FUNCTION post_transfers(ids uuid[], sources bigint[], targets bigint[], amounts bigint[], kinds text[])
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  posted integer := 0;
  known payments_transfer;
BEGIN
  IF (cardinality(sources), cardinality(targets), cardinality(amounts), cardinality(kinds))
     IS DISTINCT FROM (cardinality(ids), cardinality(ids), cardinality(ids), cardinality(ids)) THEN
    RAISE EXCEPTION 'the columns of the transfers differ in length' USING ERRCODE = 'array_subscript_error';
  END IF;
  PERFORM FROM payments_balance b
    WHERE b.account_id = ANY (sources || targets)
      AND (b.mode = 'STORED' OR (b.account_id = ANY (sources) AND NOT b.may_be_negative))
    ORDER BY b.account_id FOR NO KEY UPDATE;

  FOR i IN 1 .. cardinality(ids) LOOP
    SELECT * INTO known FROM payments_transfer t WHERE t.id = ids[i];
    IF FOUND THEN
      IF (known.source_id, known.target_id, known.amount, known.kind)
         IS DISTINCT FROM (sources[i], targets[i], amounts[i], kinds[i]::varchar) THEN
        RAISE EXCEPTION 'transfer % was posted with other terms', ids[i]
          USING ERRCODE = 'unique_violation', CONSTRAINT = 'transfer_id_means_one_transfer';
      END IF;
      CONTINUE;
    END IF;
    INSERT INTO payments_transfer (id, source_id, target_id, amount, kind, source_after, target_after)
      VALUES (ids[i], sources[i], targets[i], amounts[i], kinds[i],
              change_balance(sources[i], -amounts[i]), change_balance(targets[i], amounts[i]));
    posted := posted + 1;
  END LOOP;
  RETURN posted;
END $$;

REVOKE ALL ON FUNCTION post_transfers FROM PUBLIC;
REVOKE ALL ON FUNCTION change_balance FROM PUBLIC;
REVOKE ALL ON FUNCTION open_balance FROM PUBLIC;  -- It would open balances for a trigger of anybody's.

-- Folds the entries of an appended account into its balance, in one statement: the balance that a
-- reader sees, amount plus entries, is the same before and after. Returns how many were folded.

CREATE FUNCTION roll_up(account bigint) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM payments_entry WHERE account_id = account RETURNING amount),
  folded AS (
    UPDATE payments_balance SET amount = amount + (SELECT coalesce(sum(gone.amount), 0) FROM gone)
      WHERE account_id = account RETURNING 1
  )
  SELECT count(*) FROM gone, folded;
$$;

REVOKE ALL ON FUNCTION roll_up FROM PUBLIC;

-- Rows that are updated in place need room beside them, and are swept early.
ALTER TABLE payments_balance SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE payments_entry SET (autovacuum_vacuum_scale_factor = 0.02);
