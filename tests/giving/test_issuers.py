"""Who may issue receipts: what it says of itself is looked at by two of staff, and stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import organisations
from accounts.models import Organisation, User
from giving import issuers, receipts
from giving.models import ReceiptIssuer
from payments import approvals, proposals
from tests.bodies import facts as body_facts
from tests.giving.receipted import allow, facts, gift


@pytest.mark.django_db
class TestIssuer:
    def test_is_allowed_by_two_of_staff(self, acf: Organisation, lea: User, odile: User, bruno: User) -> None:
        asked = issuers.ask(acf, facts(), by=lea)
        assert not asked.may_issue
        allow(asked, odile, bruno)
        found = issuers.of(acf)
        assert found
        assert (found.may_issue, found.since) == (True, date(2020, 1, 1))

    def test_is_not_allowed_by_one(self, acf: Organisation, lea: User, odile: User) -> None:
        asked = issuers.ask(acf, facts(), by=lea)
        proposal = issuers.propose(odile, asked, since=date(2020, 1, 1), reason="Read")
        with pytest.raises(proposals.OwnProposal):
            proposals.approve(proposal, odile)
        with pytest.raises(IntegrityError, match="issuing receipts takes two of staff"), transaction.atomic():
            ReceiptIssuer.objects.filter(pk=asked.pk).update(proposal=proposal, since=date(2020, 1, 1))

    def test_begins_with_a_wish(self, issuer: Organisation, lea: User) -> None:
        """An approval is of one organisation."""
        allowed = ReceiptIssuer.objects.get(pk=issuer.pk)
        other = organisations.found(body_facts(siren="552 100 554"), by=lea)
        said = vars(facts()) | {"organisation": other, "asked_by": lea}
        stolen = said | {"proposal": allowed.proposal, "since": allowed.since}
        with pytest.raises(IntegrityError, match="issuing receipts takes two of staff"), transaction.atomic():
            ReceiptIssuer.objects.create(**stolen)

    def test_was_reviewed(self, issuer: Organisation, lea: User, odile: User, bruno: User) -> None:
        other = organisations.found(body_facts(siren="552 100 554"), by=lea)
        row = ReceiptIssuer.objects.create(**vars(facts()), organisation=other, asked_by=lea)
        with pytest.raises(IntegrityError, match="issues no receipts"), transaction.atomic():
            allow(row, odile, bruno)

    def test_is_allowed_since_a_day(self, acf: Organisation, lea: User) -> None:
        issuers.ask(acf, facts(), by=lea)
        with pytest.raises(IntegrityError, match="issuing receipts takes two"), transaction.atomic():
            ReceiptIssuer.objects.update(since=date(2020, 1, 1))
        other = organisations.found(body_facts(siren="552 100 554"), by=lea)
        said = vars(facts()) | {"organisation": other, "asked_by": lea, "since": date(2020, 1, 1)}
        with pytest.raises(IntegrityError, match="issuer_is_allowed_since_a_day"), transaction.atomic():
            ReceiptIssuer.objects.create(**said)

    def test_stays_what_was_looked_at(self, issuer: Organisation, lea: User) -> None:
        with pytest.raises(issuers.AllowedAsItIs):
            issuers.ask(issuer, facts(articles=["200"]), by=lea)
        with pytest.raises(IntegrityError, match="giving_receiptissuer"), transaction.atomic():
            ReceiptIssuer.objects.update(articles=["200"])

    def test_may_have_somebody_else_sign(self, issuer: Organisation, lea: User) -> None:
        issuers.ask(issuer, facts(signatory_name="Ada Roy", signatory_office="présidente"), by=lea)
        assert ReceiptIssuer.objects.get().signatory_name == "Ada Roy"

    def test_is_no_company(self, acf: Organisation, lea: User) -> None:
        acf.kind = Organisation.Kind.COMPANY
        with pytest.raises(issuers.NotOfGeneralInterest):
            issuers.ask(acf, facts(), by=lea)

    def test_is_looked_at_as_it_is_now(self, acf: Organisation, lea: User, odile: User, bruno: User) -> None:
        asked = issuers.ask(acf, facts(), by=lea)
        proposal = issuers.propose(odile, asked, since=date(2020, 1, 1), reason="Read")
        issuers.ask(acf, facts(articles=["200"]), by=lea)
        with pytest.raises(approvals.Outdated):
            proposals.approve(proposal, bruno)

    def test_is_ended_by_two_and_issues_no_more(
        self, issuer: Organisation, giver: User, odile: User, bruno: User
    ) -> None:
        order = gift(giver, issuer)
        allow(ReceiptIssuer.objects.get(), odile, bruno, since=None)
        with pytest.raises(receipts.NoGift):
            receipts.issue(order, giver=giver)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"quality": "OTHER"}, "issuer_has_a_known_quality"),
            ({"quality": "PUBLIC_UTILITY"}, "public_utility_has_its_decree"),
            ({"articles": []}, "issuer_names_articles_of_the_tax_code"),
            ({"articles": ["1"]}, "issuer_names_articles_of_the_tax_code"),
            ({"signatory_name": ""}, "somebody_signs_receipts"),
        ],
    )
    def test_is_one_that_the_law_knows(
        self, acf: Organisation, lea: User, change: dict[str, Any], rule: str
    ) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            issuers.ask(acf, facts(**change), by=lea)
