"""A receipt on paper: what form 11580 of the tax office asks for. In French, as the form is theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from giving import receipt_contents
from giving.models import Receipt
from payments import money, papers


def pdf(receipt: Receipt) -> bytes:
    """The same bytes, whenever it is asked for.

    :raises receipt_contents.Forgotten: after six years
    """
    content = receipt_contents.opened(receipt)
    paper = papers.Paper(
        title=f"Reçu fiscal n° {content['number']}", subject=_SUBJECT, at=localtime(receipt.issued_at)
    )
    _head(paper, receipt, content)
    _beneficiary(paper, content["organisation"])
    _giver(paper, content["giver"])
    _gift(paper, content)
    _signed(paper, content)
    return paper.written()


_SUBJECT = "Reçu au titre des dons à certains organismes d’intérêt général"


def _head(paper: papers.Paper, receipt: Receipt, content: dict[str, Any]) -> None:
    paper.title(_SUBJECT)
    paper.small("Modèle n° 11580 de l’administration fiscale")
    paper.small("Articles 200, 238 bis et 978 du code général des impôts (CGI)")
    if receipt.void_at is not None:
        paper.heading("REÇU ANNULÉ")
        since = _day(localtime(receipt.void_at).date())
        paper.text(f"Ce reçu est annulé depuis le {since}. Il n’ouvre aucun droit.")
    paper.space(3)
    paper.pair("Numéro d’ordre du reçu", content["number"])


def _beneficiary(paper: papers.Paper, organisation: dict[str, str]) -> None:
    paper.heading("Bénéficiaire des versements")
    paper.pair("Nom ou dénomination", organisation["name"])
    paper.pair("Adresse", _address(organisation))
    paper.pair("SIREN", organisation["siren"])
    paper.pair("RNA", organisation["rna"])
    paper.pair("Objet", organisation["purpose"])
    decreed = organisation["decreed_on"]
    by_decree = f", décret du {_day(date.fromisoformat(decreed))}" if decreed else ""
    paper.pair("Qualité", f"{organisation['quality']}{by_decree}")


def _giver(paper: papers.Paper, giver: dict[str, str]) -> None:
    paper.heading("Donateur")
    paper.pair("Nom et prénoms", giver["name"])
    paper.pair("Adresse", _address(giver))


def _gift(paper: papers.Paper, content: dict[str, Any]) -> None:
    gifts = content["gifts"]
    paper.heading("Don" if len(gifts) == 1 else "Dons")
    paper.text(
        "Le bénéficiaire reconnaît avoir reçu au titre des dons et versements ouvrant droit à réduction"
        " d’impôt, la somme de :"
    )
    paper.pair("Somme en chiffres", money.show(content["amount"], "fr"))
    paper.pair("Somme en toutes lettres", content["words"])
    if len(gifts) == 1:
        paper.pair("Date du versement", _day(date.fromisoformat(gifts[0]["on"])))
        paper.pair("Référence", gifts[0]["reference"])
    else:
        paper.pair("Dates des versements", "voir la liste à la fin de ce reçu")
    paper.pair("Forme du don", content["form"])
    paper.pair("Nature du don", content["nature"])
    paper.pair("Mode de versement", content["mode"])


def _signed(paper: papers.Paper, content: dict[str, Any]) -> None:
    articles = content["articles"]
    which = f"à l’article {articles[0]}" if len(articles) == 1 else f"aux articles {_listed(articles)}"
    paper.space(3)
    paper.text(
        "Le bénéficiaire certifie sur l’honneur que les dons et versements qu’il reçoit ouvrent droit à la"
        f" réduction d’impôt prévue {which} du CGI."
    )
    paper.space(3)
    paper.pair("Fait le", _day(date.fromisoformat(content["issued_on"])))
    paper.pair("Signature", f"{content['signatory']['name']}, {content['signatory']['office']}")
    if len(content["gifts"]) > 1:
        paper.heading("Liste des versements")
        lines = [
            (_day(date.fromisoformat(gift["on"])), gift["reference"], money.show(gift["amount"], "fr"))
            for gift in content["gifts"]
        ]
        paper.table(("Date", "Référence", "Montant"), lines, widths=(70, 50, 50), right={2})


def _address(who: dict[str, str]) -> str:
    return f"{who['street']}, {who['postcode']} {who['city']}"


def _listed(words: list[str]) -> str:
    return " et ".join([", ".join(words[:-1]), words[-1]])


def _day(day: date) -> str:
    with override("fr"):
        return date_format(day, "j F Y")
