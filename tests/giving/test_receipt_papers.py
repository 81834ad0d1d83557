"""A receipt on paper says all that form 11580 asks for, whenever it is written out, and nothing is lost."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.models import Organisation, User
from giving import givers, issuers, receipt_contents, receipt_papers, receipts
from giving.models import GiverAddress, Receipt
from payments import papers
from tests.giving.receipted import HOME, facts, gift

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


def read(receipt: Receipt) -> str:
    """The text, with each run of spaces and line breaks as one space."""
    pages = pypdf.PdfReader(io.BytesIO(receipt_papers.pdf(receipt))).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def today() -> str:
    with translation.override("fr"):
        return date_format(timezone.localdate(), "j F Y")


def test_it_says_all_that_the_tax_office_asks_for(issuer: Organisation, giver: User) -> None:
    order = gift(giver, issuer, 80_80)
    text = read(receipts.issue(order, giver=giver))
    for said in (
        "Reçu au titre des dons à certains organismes d’intérêt général",
        "11580",
        f"Numéro d’ordre du reçu {YEAR}-000001",
        "Nom ou dénomination Action contre la Faim",
        "102 rue de Paris, 93100 Montreuil",
        "SIREN 318990892",
        "Lutter contre la faim dans le monde.",
        "Œuvre ou organisme d’intérêt général",
        "Nom et prénoms Claire Marie Martin",
        "12 rue des Lilas, 75020 Paris",
        "Somme en chiffres 80,80 €",
        "Somme en toutes lettres quatre-vingts euros et quatre-vingts centimes",
        f"Date du versement {today()}",
        order.reference,
        "Forme du don Don manuel",
        "Nature du don Numéraire",
        "Mode de versement Autre : monnaie électronique",
        "certifie sur l’honneur",
        "prévue aux articles 200 et 978 du CGI",
        f"Fait le {today()}",
        "Signature Léa Petit, trésorière",
    ):
        assert said in text
    assert "ANNULÉ" not in text


def test_one_for_a_year_lists_its_gifts(issuer: Organisation, giver: User) -> None:
    orders = [gift(giver, issuer, amount) for amount in (10_00, 5_50, 1_01)]
    text = read(receipts.issue_for_year(issuer, giver=giver, year=YEAR))
    assert "Somme en toutes lettres seize euros et cinquante et un centimes" in text
    for order, amount in zip(orders, ("10,00 €", "5,50 €", "1,01 €"), strict=True):
        assert f"{today()} {order.reference} {amount}" in text


def test_public_utility_shows_its_decree(issuer: Organisation, giver: User) -> None:
    receipt = receipts.issue(gift(giver, issuer), giver=giver)
    content = receipt_contents.opened(receipt)
    content["organisation"]["decreed_on"] = "1994-05-01"
    paper = papers.Paper(title="x", subject="x", at=receipt.issued_at)
    receipt_papers._beneficiary(paper, content["organisation"])  # noqa: SLF001  # that part of it
    text = pypdf.PdfReader(io.BytesIO(paper.written())).pages[0].extract_text()
    assert "décret du 1 mai 1994" in re.sub(r"\s+", " ", text)


def test_a_void_one_says_so(issuer: Organisation, giver: User, lea: User) -> None:
    receipt = receipts.issue(gift(giver, issuer), giver=giver)
    receipts.void(receipt, by=lea, reason=Receipt.VoidReason.NO_GIFT)
    receipt.refresh_from_db()
    assert f"REÇU ANNULÉ Ce reçu est annulé depuis le {today()}" in read(receipt)


def test_it_is_the_same_whatever_has_changed_since(issuer: Organisation, giver: User, lea: User) -> None:
    receipt = receipts.issue(gift(giver, issuer), giver=giver)
    before = receipt_papers.pdf(receipt)
    givers.keep(giver, givers.Details(name="X", street="X", postcode="75001", city="X"),
                rhythm=GiverAddress.Rhythm.YEAR)  # fmt: skip
    Organisation.objects.filter(pk=issuer.pk).update(city="Lyon")
    issuers.ask(issuer, facts(signatory_name="Ada Roy"), by=lea)
    with translation.override("en"):
        assert receipt_papers.pdf(Receipt.objects.get()) == before
    assert HOME.street in read(receipt)


def test_nothing_of_it_is_in_clear(issuer: Organisation, giver: User) -> None:
    receipt = receipts.issue(gift(giver, issuer), giver=giver)
    kept = bytes(Receipt.objects.get().content or b"") + bytes(GiverAddress.objects.get().content)
    assert b"Lilas" not in kept
    assert b"Martin" not in kept
    assert receipt_contents.opened(receipt)["giver"]["city"] == "Paris"
