-- Transfers are numbered as they are booked. -------------------------------------------------------
-- An id is given by the caller, long before perhaps: an order's payment has the order's. The number is
-- taken while the balances are locked, so that a wallet's transfers are in the order of their numbers.

ALTER TABLE payments_transfer ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;

-- An account that mostly receives: what comes or goes is an entry beside the others, and touches no row
-- that another posting waits for. Going below zero is refused by a count of all of it, under the lock of
-- its balance, which `post_transfers` holds.

CREATE FUNCTION append_entry(account bigint, delta bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO payments_entry (account_id, amount) VALUES (account, delta);
  IF delta < 0 AND EXISTS (
    SELECT FROM payments_balance b WHERE b.account_id = account AND NOT b.may_be_negative
      AND b.amount + (SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = account) < 0
  ) THEN
    RAISE EXCEPTION 'ledger account % has less than % cents', account, -delta
      USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_is_never_overdrawn';
  END IF;
END $$;

REVOKE ALL ON FUNCTION append_entry FROM PUBLIC;

-- The one way to move money, as in 0002_ledger.sql, but for a function call saved at each leg. Statements
-- one by one for each transfer: for 10 and for 100 a call they took no longer than one over sets, whose
-- plan costs four times as much for a single one.

CREATE OR REPLACE FUNCTION post_transfers(
    ids uuid[], sources bigint[], targets bigint[], amounts bigint[], kinds text[])
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  posted integer := 0;
  known payments_transfer;
  left_over bigint;
  received bigint;
BEGIN
  IF (cardinality(sources), cardinality(targets), cardinality(amounts), cardinality(kinds))
     IS DISTINCT FROM (cardinality(ids), cardinality(ids), cardinality(ids), cardinality(ids)) THEN
    RAISE EXCEPTION 'the columns of the transfers differ in length' USING ERRCODE = 'array_subscript_error';
  END IF;
  -- In the order of the accounts, so that no two postings wait for each other.
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
    -- What is left and what was received stay NULL where the account is appended to.
    UPDATE payments_balance SET amount = amount - amounts[i]
      WHERE account_id = sources[i] AND mode = 'STORED' RETURNING amount INTO left_over;
    IF NOT FOUND THEN
      PERFORM append_entry(sources[i], -amounts[i]);
    END IF;
    UPDATE payments_balance SET amount = amount + amounts[i]
      WHERE account_id = targets[i] AND mode = 'STORED' RETURNING amount INTO received;
    IF NOT FOUND THEN
      PERFORM append_entry(targets[i], amounts[i]);
    END IF;
    INSERT INTO payments_transfer (id, source_id, target_id, amount, kind, source_after, target_after)
      VALUES (ids[i], sources[i], targets[i], amounts[i], kinds[i], left_over, received);
    posted := posted + 1;
  END LOOP;
  RETURN posted;
END $$;

DROP FUNCTION change_balance;

-- Makes a wallet one that is appended to, for an organisation that many pay at once: its balance row is no
-- longer what they queue for. Nothing of it moves. Whether it was a stored one until now.

CREATE FUNCTION append_wallet(account bigint) RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH turned AS (
    UPDATE payments_balance SET mode = 'APPEND' WHERE account_id = account AND mode = 'STORED' RETURNING 1
  )
  SELECT EXISTS (SELECT FROM turned);
$$;

REVOKE ALL ON FUNCTION append_wallet FROM PUBLIC;
