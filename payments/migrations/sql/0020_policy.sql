-- The figures to start from, in cents, for each tier; those that staff have changed are kept.
-- 250 € and 500 € an order are of 2014's articles. 150 € in 30 days is what e-money may be without a verified
-- identity (directive 2015/849, article 12); where the law wants none of it between people, two of staff set 0.

INSERT INTO payments_limit (tier, name, amount)
SELECT s.tier, s.name, CASE
         WHEN b.amount IS NULL THEN s.amount
         WHEN s.tier = 'PHONE' THEN least(s.amount, b.amount)
         WHEN s.tier = 'ENHANCED' THEN greatest(s.amount, b.amount)
         ELSE b.amount
       END
FROM (VALUES
  ('PHONE',      'ORDER_TO_PERSON',        15000), ('PHONE',      'ORDER_TO_ORGANISATION',  15000),
  ('PHONE',      'DAY',                    15000), ('PHONE',      'MONTH',                  15000),
  ('PHONE',      'NIGHT',                  10000), ('PHONE',      'FIRST_PAYEE',            10000),
  ('PHONE',      'TOP_UP',                 15000), ('PHONE',      'WALLET',                100000),
  ('IDENTIFIED', 'ORDER_TO_PERSON',        25000), ('IDENTIFIED', 'ORDER_TO_ORGANISATION',  50000),
  ('IDENTIFIED', 'DAY',                    50000), ('IDENTIFIED', 'MONTH',                 200000),
  ('IDENTIFIED', 'NIGHT',                  25000), ('IDENTIFIED', 'FIRST_PAYEE',            15000),
  ('IDENTIFIED', 'TOP_UP',                 50000), ('IDENTIFIED', 'WALLET',                250000),
  ('ENHANCED',   'ORDER_TO_PERSON',        25000), ('ENHANCED',   'ORDER_TO_ORGANISATION',  50000),
  ('ENHANCED',   'DAY',                   100000), ('ENHANCED',   'MONTH',                 500000),
  ('ENHANCED',   'NIGHT',                  50000), ('ENHANCED',   'FIRST_PAYEE',            15000),
  ('ENHANCED',   'TOP_UP',                 50000), ('ENHANCED',   'WALLET',               1000000)
) AS s (tier, name, amount) LEFT JOIN limits_before b USING (name);
