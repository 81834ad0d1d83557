-- The terms that somebody gave on stay, and a campaign ends once.

CREATE FUNCTION keep_terms_of_campaign() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM giving_gift g WHERE g.campaign_id = OLD.id)
     OR EXISTS (SELECT FROM giving_match m WHERE m.campaign_id = OLD.id) THEN
    RAISE EXCEPTION 'campaign % keeps the terms that somebody gave on', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER campaign_keeps_its_terms BEFORE UPDATE ON giving_campaign
  FOR EACH ROW WHEN (
    (OLD.goal, OLD.deadline, OLD.is_all_or_nothing, OLD.hashtag)
    IS DISTINCT FROM (NEW.goal, NEW.deadline, NEW.is_all_or_nothing, NEW.hashtag)
  ) EXECUTE FUNCTION keep_terms_of_campaign();

CREATE TRIGGER campaign_ends_once BEFORE UPDATE ON giving_campaign
  FOR EACH ROW WHEN (
    (OLD.organisation_id, OLD.slug, OLD.opened_at) IS DISTINCT FROM (NEW.organisation_id, NEW.slug, NEW.opened_at)
    OR OLD.ended_at IS NOT NULL AND (OLD.ended_at, OLD.outcome, OLD.collected)
       IS DISTINCT FROM (NEW.ended_at, NEW.outcome, NEW.collected)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE TRIGGER gifts_stay_where_they_are BEFORE UPDATE ON giving_gift
  FOR EACH ROW WHEN (
    (OLD.order_id, OLD.campaign_id, OLD.given_at) IS DISTINCT FROM (NEW.order_id, NEW.campaign_id, NEW.given_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE TRIGGER matches_keep_their_terms BEFORE UPDATE ON giving_match
  FOR EACH ROW WHEN (
    (OLD.order_id, OLD.campaign_id, OLD.threshold) IS DISTINCT FROM (NEW.order_id, NEW.campaign_id, NEW.threshold)
  ) EXECUTE FUNCTION refuse_change_to_acts();

CREATE TRIGGER monthly_gifts_only_end BEFORE UPDATE ON giving_monthlygift
  FOR EACH ROW WHEN (
    OLD.ended_at IS NOT NULL
    OR (OLD.payer_id, OLD.campaign_id, OLD.amount, OLD.day, OLD.started_at)
       IS DISTINCT FROM (NEW.payer_id, NEW.campaign_id, NEW.amount, NEW.day, NEW.started_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();

-- A gift is an order of that kind, to the organisation that collects.

CREATE FUNCTION check_order_of_gift() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
       SELECT FROM payments_order o
         JOIN accounts_identity i ON i.id = o.payee_id
         JOIN giving_campaign c ON c.id = NEW.campaign_id
         JOIN accounts_organisation a ON a.id = c.organisation_id AND a.account_id = i.user_id
        WHERE o.id = NEW.order_id AND o.kind = 'GIFT') THEN
    RAISE EXCEPTION 'order % is no gift to campaign %', NEW.order_id, NEW.campaign_id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER gift_has_an_order_to_the_organisation BEFORE INSERT ON giving_gift
  FOR EACH ROW EXECUTE FUNCTION check_order_of_gift();
CREATE TRIGGER match_has_an_order_to_the_organisation BEFORE INSERT ON giving_match
  FOR EACH ROW EXECUTE FUNCTION check_order_of_gift();

-- What came together: appended with the money, folded by one statement. Two who fold would each see half.

CREATE FUNCTION fold_tallies() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  folded bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('fold_tallies', 0));
  WITH gone AS (DELETE FROM giving_tally RETURNING campaign_id, amount, gifts),
  sums AS (
    SELECT campaign_id, sum(amount) AS amount, sum(gifts) AS gifts, count(*) AS tallies FROM gone GROUP BY campaign_id
  ),
  kept AS (
    INSERT INTO giving_campaigntotal AS t (campaign_id, amount, gifts)
    SELECT campaign_id, amount, gifts FROM sums
    ON CONFLICT (campaign_id) DO UPDATE SET amount = t.amount + EXCLUDED.amount, gifts = t.gifts + EXCLUDED.gifts
  )
  SELECT coalesce(sum(tallies), 0) INTO folded FROM sums;
  RETURN folded;
END $$;

REVOKE ALL ON FUNCTION fold_tallies FROM PUBLIC;
ALTER TABLE giving_campaigntotal SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE giving_tally SET (autovacuum_vacuum_scale_factor = 0.02);
