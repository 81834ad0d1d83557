"""The contract of a share in a loan, on paper: between whom, how much, at what rate, back when.

In French, as the law that it follows is (articles L. 548-1 and following of the code monétaire et financier).
It says what was agreed to when the loan began, whenever it is asked for.
"""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from accounts.models import Organisation, User
from giving import schedules
from giving.models import Loan, LoanShare
from payments import money, papers

RISK = (
    "Prêter comporte un risque de perte, partielle ou totale, du capital prêté. Ce prêt n’est garanti ni par"
    " l’État, ni par un fonds de garantie, ni par S-Money : si l’emprunteur ne rembourse pas, le prêteur peut"
    " perdre tout ce qu’il a prêté. L’argent prêté n’est pas disponible avant les échéances."
)


def pdf(share: LoanShare) -> bytes:
    """The same bytes, whenever it is asked for."""
    loan, order = share.loan, share.order
    assert order.confirmed_at is not None
    agreed_at = localtime(order.confirmed_at)
    paper = papers.Paper(
        title=f"Contrat de prêt {order.reference}", subject=f"Prêt à {loan.organisation}", at=agreed_at
    )
    paper.title("Contrat de prêt")
    paper.small("Financement participatif, articles L. 548-1 et suivants du code monétaire et financier")
    paper.pair("Numéro du contrat", order.reference)
    _parties(paper, lender=share.lender, borrower=loan.organisation)
    _terms(paper, share)
    paper.heading("Risque")
    paper.text(RISK)
    _schedule(paper, loan, amount=order.amount)
    paper.heading("Accord")
    paper.pair("Le prêteur", f"par son code secret, le {_day(agreed_at.date())}")
    paper.pair("L’emprunteur", f"par sa demande de prêt, le {_day(localtime(loan.made_at).date())}")
    return paper.written()


def plan(loan: Loan, *, amount: int) -> list[schedules.Due]:
    """What one share is repaid by, by the plan; of several of one lender, cents fall on one or another."""
    left, dues = {0: loan.goal - amount, 1: amount}, []
    for due in schedules.plan(loan.goal, rate=loan.rate, months=loan.term_months):
        parts = schedules.shared(due, left)
        left = {who: owed - (parts[who].principal if who in parts else 0) for who, owed in left.items()}
        dues.append(parts.get(1) or schedules.Due(due.number, 0, 0))
    return dues


def _parties(paper: papers.Paper, *, lender: User, borrower: Organisation) -> None:
    paper.heading("Entre")
    paper.pair("Le prêteur", lender.get_full_name())
    paper.pair("Et l’emprunteur", str(borrower))
    paper.pair("Adresse", f"{borrower.street}, {borrower.postcode} {borrower.city}")
    paper.pair("SIREN", borrower.siren)
    paper.pair("RNA", borrower.rna)


def _terms(paper: papers.Paper, share: LoanShare) -> None:
    loan = share.loan
    assert loan.begun_on is not None
    paper.heading("Conditions")
    paper.pair("Objet du prêt", loan.title)
    paper.pair("Somme prêtée", money.show(share.order.amount, "fr"))
    paper.pair("Sur un total de", money.show(loan.goal, "fr"))
    paper.pair("Taux d’intérêt annuel", f"{money.share(loan.rate)}, fixe")
    paper.pair("Durée", f"{loan.term_months} mois")
    paper.pair("Début", _day(loan.begun_on))
    paper.pair("Remboursement", "par mensualités constantes, le premier mois après le début")
    paper.pair(
        "Remboursement anticipé",
        "possible à tout moment et en totalité, avec les intérêts courus au jour du remboursement",
    )
    paper.pair(
        "Retard",
        "une échéance impayée est redemandée chaque jour ; après 60 jours, le prêt est en défaut de paiement",
    )


def _schedule(paper: papers.Paper, loan: Loan, *, amount: int) -> None:
    assert loan.begun_on is not None
    paper.heading("Échéancier prévu")
    paper.small("Au centime près : chaque échéance est répartie entre les prêteurs au plus fort reste.")
    lines = [
        (
            str(due.number),
            _day(schedules.due_on(loan.begun_on, number=due.number)),
            money.show(due.principal, "fr"),
            money.show(due.interest, "fr"),
            money.show(due.amount, "fr"),
        )
        for due in plan(loan, amount=amount)
    ]
    heads = ("N°", "Date", "Capital", "Intérêts", "Total")
    paper.table(heads, lines, widths=(15, 50, 35, 35, 35), right={2, 3, 4})


def _day(day: date) -> str:
    with override("fr"):
        return date_format(day, "j F Y")
