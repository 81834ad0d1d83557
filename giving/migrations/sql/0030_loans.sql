-- What lenders agreed to stays: a loan's terms never change, its status goes its way, its history is kept.

CREATE TRIGGER loan_terms_never_change BEFORE UPDATE ON giving_loan
  FOR EACH ROW WHEN (
    (OLD.organisation_id, OLD.slug, OLD.code, OLD.title, OLD.story, OLD.goal, OLD.rate, OLD.term_months, OLD.made_by_id,
     OLD.made_at)
      IS DISTINCT FROM
    (NEW.organisation_id, NEW.slug, NEW.code, NEW.title, NEW.story, NEW.goal, NEW.rate, NEW.term_months, NEW.made_by_id,
     NEW.made_at)
    OR NEW.deadline > OLD.deadline
    OR (OLD.accepted_by_id IS NOT NULL AND NEW.accepted_by_id IS DISTINCT FROM OLD.accepted_by_id)
    OR (OLD.begun_on IS NOT NULL AND NEW.begun_on IS DISTINCT FROM OLD.begun_on)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_status_goes_its_way BEFORE UPDATE OF status ON giving_loan
  FOR EACH ROW WHEN (
    NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
      ('PROPOSED', 'COLLECTING'), ('PROPOSED', 'REFUSED'), ('COLLECTING', 'RUNNING'), ('COLLECTING', 'MISSED'),
      ('RUNNING', 'REPAID'), ('RUNNING', 'DEFAULTED'), ('DEFAULTED', 'REPAID'))
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loans_are_never_deleted BEFORE DELETE ON giving_loan
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_events_are_append_only BEFORE UPDATE OR DELETE ON giving_loanevent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A loan is opened by one of staff who has no seat at the organisation that borrows.

CREATE FUNCTION check_who_opens_a_loan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.accepted_by_id AND u.is_staff AND u.is_active)
     OR EXISTS (SELECT FROM accounts_seat s WHERE s.user_id = NEW.accepted_by_id
                   AND s.organisation_id = NEW.organisation_id AND s.left_at IS NULL) THEN
    RAISE EXCEPTION 'one of staff who has no part in it opens a loan'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER open_loan_was_opened_by_somebody_else BEFORE INSERT ON giving_loan
  FOR EACH ROW WHEN (NEW.accepted_by_id IS NOT NULL) EXECUTE FUNCTION check_who_opens_a_loan();
-- Once: what they become later stops no loan.
CREATE TRIGGER loan_is_opened_by_somebody_else BEFORE UPDATE OF accepted_by_id ON giving_loan
  FOR EACH ROW WHEN (NEW.accepted_by_id IS NOT NULL AND NEW.accepted_by_id IS DISTINCT FROM OLD.accepted_by_id)
  EXECUTE FUNCTION check_who_opens_a_loan();

-- A share is its order's; its lender agrees once, and it is taken or not once.

CREATE FUNCTION check_share_of_a_loan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
       SELECT FROM payments_order o
         JOIN giving_loan l ON l.id = NEW.loan_id
         JOIN accounts_organisation g ON g.id = l.organisation_id
        WHERE (o.id, o.kind, o.payer_id, o.payee_user_id)
              = (NEW.order_id, 'LOAN', NEW.lender_id, g.account_id)) THEN
    RAISE EXCEPTION 'a share in a loan has the terms of its order'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER share_has_the_terms_of_its_order BEFORE INSERT ON giving_loanshare
  FOR EACH ROW EXECUTE FUNCTION check_share_of_a_loan();
CREATE TRIGGER shares_are_decided_once BEFORE UPDATE ON giving_loanshare
  FOR EACH ROW WHEN (
    (OLD.order_id, OLD.loan_id, OLD.lender_id) IS DISTINCT FROM (NEW.order_id, NEW.loan_id, NEW.lender_id)
    OR OLD.is_taken IS NOT NULL
    OR (OLD.agreed_at IS NOT NULL AND NEW.agreed_at IS DISTINCT FROM OLD.agreed_at)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shares_are_never_deleted BEFORE DELETE ON giving_loanshare
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An instalment is what it was when the loan began; it is late, paid or replaced once.

CREATE TRIGGER instalment_terms_never_change BEFORE UPDATE ON giving_instalment
  FOR EACH ROW WHEN (
    (OLD.loan_id, OLD.number, OLD.due_on, OLD.principal, OLD.interest)
      IS DISTINCT FROM (NEW.loan_id, NEW.number, NEW.due_on, NEW.principal, NEW.interest)
    OR OLD.paid_at IS NOT NULL OR OLD.replaced_at IS NOT NULL
    OR (OLD.late_at IS NOT NULL AND NEW.late_at IS DISTINCT FROM OLD.late_at)
  ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER instalments_are_never_deleted BEFORE DELETE ON giving_instalment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repayments_to_lenders_are_append_only BEFORE UPDATE OR DELETE ON giving_repaymentpart
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
