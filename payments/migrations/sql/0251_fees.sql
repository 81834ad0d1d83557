-- What was charged stays, and so do the brackets of months that were charged.

CREATE TRIGGER fee_charges_are_append_only BEFORE UPDATE OR DELETE ON payments_feecharge
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fee_brackets_are_append_only BEFORE UPDATE OR DELETE ON payments_feebracket
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_charged_months() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM payments_feecharge c WHERE c.day >= NEW.valid_from) THEN
    RAISE EXCEPTION 'fees of % were charged already', NEW.valid_from
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER fees_of_a_charged_month_stay BEFORE INSERT ON payments_feebracket
  FOR EACH ROW EXECUTE FUNCTION keep_charged_months();

-- Of a month's receipts 1.9 % to 1,000 €, 1.4 % above that to 10,000 €, 0.9 % above that.

INSERT INTO payments_feebracket (valid_from, above, rate) VALUES
  ('2014-10-01', 0, 190), ('2014-10-01', 100000, 140), ('2014-10-01', 1000000, 90);
