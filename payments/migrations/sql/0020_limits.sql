-- What members allow themselves. The database says since when it counts, whoever asks. ---------------
-- Lower counts at once, higher after 24 hours; a new wish takes the place of one that does not count yet.

CREATE FUNCTION date_own_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- Numbers are given before this lock, so the moment says which wish is newer.
  PERFORM FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
  NEW.asked_at := clock_timestamp();
  NEW.cancelled_at := NULL;
  NEW.before := (
    SELECT amount FROM payments_ownlimit
     WHERE user_id = NEW.user_id AND name = NEW.name
       AND cancelled_at IS NULL AND effective_at <= NEW.asked_at
     ORDER BY asked_at DESC LIMIT 1
  );
  NEW.effective_at := NEW.asked_at;
  IF NEW.before IS NOT NULL AND (NEW.amount IS NULL OR NEW.amount > NEW.before) THEN
    NEW.effective_at := NEW.asked_at + interval '24 hours';
  END IF;
  UPDATE payments_ownlimit SET cancelled_at = NEW.asked_at
   WHERE user_id = NEW.user_id AND name = NEW.name
     AND cancelled_at IS NULL AND effective_at > NEW.asked_at;
  RETURN NEW;
END $$;

CREATE TRIGGER own_limit_is_raised_a_day_later BEFORE INSERT ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION date_own_limit();

-- Cancelled, a row that counts would give way to the higher one before it.

CREATE FUNCTION keep_own_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.cancelled_at IS NOT NULL OR OLD.effective_at <= clock_timestamp()
     OR (OLD.id, OLD.user_id, OLD.name, OLD.amount, OLD.before, OLD.asked_at, OLD.effective_at)
        IS DISTINCT FROM
        (NEW.id, NEW.user_id, NEW.name, NEW.amount, NEW.before, NEW.asked_at, NEW.effective_at) THEN
    RAISE EXCEPTION 'an own limit is only cancelled, before it counts'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER own_limit_is_only_cancelled_before_it_counts BEFORE UPDATE ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION keep_own_limit();
CREATE TRIGGER own_limits_are_never_deleted BEFORE DELETE ON payments_ownlimit
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What limits a member at a moment, and what of it is used; of one order's payee since when the member pays
-- them, how much lately, and the room in their wallet. Stable: its queries see one snapshot, the caller's.
-- A function, as its plans are kept: planned each time, this takes longer than it runs.
-- A limit ORDER_TO_… is lowered by one's own ORDER.

CREATE FUNCTION look_at_limits(
  member bigint, wanted timestamptz, an_order uuid, a_payee bigint, payees_user bigint, cool_off interval,
  OUT moment timestamptz, OUT policy jsonb, OUT own jsonb, OUT day bigint, OUT month bigint, OUT night bigint,
  OUT since timestamptz, OUT lately bigint, OUT room bigint
) LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  night_fell timestamptz;
BEGIN
  moment := coalesce(wanted, statement_timestamp());
  night_fell := (date_trunc('day', moment AT TIME ZONE 'Europe/Paris' + interval '1 hour') - interval '1 hour')
                AT TIME ZONE 'Europe/Paris';
  SELECT jsonb_object_agg(l.name, l.amount),
         jsonb_object_agg(l.name, o.amount) FILTER (WHERE o.amount IS NOT NULL)
    INTO policy, own
    FROM accounts_user u JOIN payments_limit l ON l.tier = u.tier
    LEFT JOIN LATERAL (
      SELECT w.amount FROM payments_ownlimit w
       WHERE w.user_id = u.id AND w.name = split_part(l.name, '_TO_', 1)
         AND w.cancelled_at IS NULL AND w.effective_at <= moment
       ORDER BY w.asked_at DESC LIMIT 1
    ) o ON true
   WHERE u.id = member;
  SELECT coalesce(sum(amount) FILTER (WHERE confirmed_at > moment - interval '24 hours'), 0),
         coalesce(sum(amount), 0),
         coalesce(sum(amount) FILTER (WHERE confirmed_at >= night_fell), 0)
    INTO day, month, night
    FROM payments_order
   WHERE payer_id = member AND status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')
     AND confirmed_at > moment - interval '30 days' AND id IS DISTINCT FROM an_order;
  IF a_payee IS NOT NULL THEN
    SELECT confirmed_at INTO since FROM payments_order
     WHERE payer_id = member AND payee_id = a_payee AND status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')
       AND id IS DISTINCT FROM an_order
     ORDER BY confirmed_at LIMIT 1;
    SELECT coalesce(sum(amount), 0) INTO lately FROM payments_order
     WHERE payer_id = member AND payee_id = a_payee AND status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')
       AND confirmed_at > moment - cool_off AND id IS DISTINCT FROM an_order;
  END IF;
  IF payees_user IS NOT NULL THEN
    SELECT l.amount - b.amount
           - coalesce((SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = a.id), 0)
      INTO room
      FROM accounts_user u
      JOIN payments_limit l ON l.tier = u.tier AND l.name = 'WALLET'
      JOIN payments_ledgeraccount a ON a.owner_id = u.id AND a.kind = 'WALLET'
      JOIN payments_balance b ON b.account_id = a.id
     WHERE u.id = payees_user;
  END IF;
END $$;
