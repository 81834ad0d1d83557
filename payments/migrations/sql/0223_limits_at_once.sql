-- As in 0020_limits.sql, but what members allow themselves is looked for once, and not once for each limit:
-- most allow themselves all that the policy does.

CREATE OR REPLACE FUNCTION look_at_limits(
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
  SELECT jsonb_object_agg(l.name, l.amount) INTO policy
    FROM accounts_user u JOIN payments_limit l ON l.tier = u.tier
   WHERE u.id = member;
  SELECT jsonb_object_agg(l.name, wish.amount) INTO own
    FROM (
      SELECT DISTINCT ON (w.name) w.name, w.amount FROM payments_ownlimit w
       WHERE w.user_id = member AND w.cancelled_at IS NULL AND w.effective_at <= moment
       ORDER BY w.name, w.asked_at DESC
    ) wish
    JOIN accounts_user u ON u.id = member
    JOIN payments_limit l ON l.tier = u.tier AND split_part(l.name, '_TO_', 1) = wish.name
   WHERE wish.amount IS NOT NULL;
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
