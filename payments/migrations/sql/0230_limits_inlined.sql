-- As in 0223_limits_at_once.sql, but as one query, which PostgreSQL plans as part of the one that asks: a page
-- of posts looks at a hundred payers. So it may name no path of its own, and its tables have their schema.

CREATE FUNCTION look_at_limits(
  member bigint, wanted timestamptz, an_order uuid, a_payee bigint, payees_user bigint, cool_off interval
) RETURNS TABLE (
  moment timestamptz, policy jsonb, own jsonb, day bigint, month bigint, night bigint,
  since timestamptz, lately bigint, room bigint
) LANGUAGE sql STABLE AS $$
SELECT clock.moment,
       (SELECT jsonb_object_agg(l.name, l.amount)
          FROM public.accounts_user u JOIN public.payments_limit l ON l.tier = u.tier
         WHERE u.id = member),
       (SELECT jsonb_object_agg(l.name, wish.amount)
          FROM (
            SELECT DISTINCT ON (w.name) w.name, w.amount FROM public.payments_ownlimit w
             WHERE w.user_id = member AND w.cancelled_at IS NULL AND w.effective_at <= clock.moment
             ORDER BY w.name, w.asked_at DESC
          ) wish
          JOIN public.accounts_user u ON u.id = member
          JOIN public.payments_limit l ON l.tier = u.tier AND split_part(l.name, '_TO_', 1) = wish.name
         WHERE wish.amount IS NOT NULL),
       paid.day, paid.month, paid.night,
       (SELECT o.confirmed_at FROM public.payments_order o
         WHERE o.payer_id = member AND o.payee_id = a_payee
           AND o.status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID') AND o.id IS DISTINCT FROM an_order
         ORDER BY o.confirmed_at LIMIT 1),
       (SELECT coalesce(sum(o.amount), 0)::bigint FROM public.payments_order o
         WHERE o.payer_id = member AND o.payee_id = a_payee
           AND o.status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')
           AND o.confirmed_at > clock.moment - cool_off AND o.id IS DISTINCT FROM an_order
        HAVING a_payee IS NOT NULL),
       (SELECT l.amount - b.amount
               - coalesce((SELECT sum(e.amount) FROM public.payments_entry e WHERE e.account_id = a.id), 0)::bigint
          FROM public.accounts_user u
          JOIN public.payments_limit l ON l.tier = u.tier AND l.name = 'WALLET'
          JOIN public.payments_ledgeraccount a ON a.owner_id = u.id AND a.kind = 'WALLET'
          JOIN public.payments_balance b ON b.account_id = a.id
         WHERE u.id = payees_user)
  FROM (
    SELECT now.moment,
           (date_trunc('day', now.moment AT TIME ZONE 'Europe/Paris' + interval '1 hour') - interval '1 hour')
           AT TIME ZONE 'Europe/Paris' AS night_fell
      FROM (SELECT coalesce(wanted, statement_timestamp()) AS moment) AS now
  ) AS clock
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.amount) FILTER (WHERE o.confirmed_at > clock.moment - interval '24 hours'), 0)::bigint,
           coalesce(sum(o.amount), 0)::bigint,
           coalesce(sum(o.amount) FILTER (WHERE o.confirmed_at >= clock.night_fell), 0)::bigint
      FROM public.payments_order o
     WHERE o.payer_id = member AND o.status IN ('FUNDING', 'REVIEW', 'HELD', 'PAID')
       AND o.confirmed_at > clock.moment - interval '30 days' AND o.id IS DISTINCT FROM an_order
 ) AS paid (day, month, night)
$$;
