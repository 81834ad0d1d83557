-- What an organisation may hold and cash out, in cents. It places no order, and loads nothing by card.

INSERT INTO payments_limit (tier, name, amount) VALUES
  ('ORGANISATION', 'ORDER_TO_PERSON',          0), ('ORGANISATION', 'ORDER_TO_ORGANISATION',    0),
  ('ORGANISATION', 'DAY',                      0), ('ORGANISATION', 'MONTH',                    0),
  ('ORGANISATION', 'NIGHT',                    0), ('ORGANISATION', 'FIRST_PAYEE',              0),
  ('ORGANISATION', 'TOP_UP',                   0), ('ORGANISATION', 'WALLET',         10000000000),
  ('ORGANISATION', 'PAYOUT_DAY',      1000000000), ('ORGANISATION', 'PAYOUT_MONTH',   10000000000);
