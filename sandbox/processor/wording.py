"""The words of the hosted pages, in French and in English: the visit's locale decides, then the browser."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

FRENCH = {
    "language": "fr",
    "register_title": "Enregistrer une carte",
    "register_about": "Votre carte servira à vos prochains paiements. Rien n’est débité aujourd’hui.",
    "pay_title": "Payer par carte",
    "total": "Total",
    "number": "Numéro de carte",
    "expiry": "Expiration",
    "expiry_hint": "MM / AA",
    "cvc": "Cryptogramme",
    "cvc_hint": "3 chiffres",
    "holder": "Nom du titulaire",
    "register": "Enregistrer la carte",
    "pay": "Payer {amount}",
    "leave": "Annuler et revenir chez {merchant}",
    "secured": "Page de paiement du prestataire. {merchant} ne voit jamais le numéro de votre carte.",
    "test_cards": "Cartes de test",
    "test_cards_about": "Touchez une carte pour remplir le formulaire. N’entrez jamais votre vraie carte.",
    "required": "Ce champ est nécessaire.",
    "number_short": "Le numéro est incomplet.",
    "number_wrong": "Ce numéro n’est pas valide : vérifiez-le.",
    "expiry_wrong": "Écrivez le mois et l’année, par exemple 09 / 29.",
    "expiry_past": "Cette carte a expiré.",
    "cvc_wrong": "Ce sont les 3 chiffres au dos de la carte.",
    "insufficient_funds": "Provision insuffisante. Essayez une autre carte.",
    "generic_decline": "Votre banque a refusé cette carte. Essayez-en une autre.",
    "test_mode_live_card": "Seules les cartes de test ci-dessous sont acceptées ici.",
    "authentication": "Vous n’avez pas donné votre accord. Essayez encore, ou prenez une autre carte.",
    "expired_title": "Cette page a expiré",
    "expired_about": "Rien n’a été débité. Revenez chez {merchant} pour recommencer.",
    "back": "Revenir chez {merchant}",
    "waiting_title": "Votre banque répond…",
    "waiting_about": "Ne fermez pas cette page : cela peut prendre une vingtaine de secondes.",
    "bank": "Banque de Démonstration",
    "bank_title": "Est-ce bien vous ?",
    "bank_pay": "Autoriser {amount} à {merchant} ?",
    "bank_register": "Autoriser {merchant} à enregistrer votre carte ?",
    "bank_merchant": "Commerçant",
    "bank_amount": "Montant",
    "bank_card": "Carte",
    "bank_date": "Date",
    "approve": "Approuver",
    "refuse": "Refuser",
    "bank_about": "Votre banque demande votre accord pour cette opération (3-D Secure).",
    "card_4000002500000003": "Visa française, acceptée",
    "card_5555552500000003": "Mastercard française, acceptée",
    "card_4000002500003155": "3-D Secure : la banque demande votre accord",
    "card_4000002500009996": "S’enregistre ; provision insuffisante au débit",
    "card_4000002500000011": "Refusée dès l’enregistrement",
    "card_4242424242424242": "Carte étrangère (États-Unis)",
    "card_4000002500000201": "La banque met 20 secondes à répondre",
    "card_4000002500000300": "Webhooks en retard de 30 s, et en double",
}

ENGLISH = {
    "language": "en",
    "register_title": "Register a card",
    "register_about": "Your card will be used for your next payments. Nothing is charged today.",
    "pay_title": "Pay by card",
    "total": "Total",
    "number": "Card number",
    "expiry": "Expiry",
    "expiry_hint": "MM / YY",
    "cvc": "Security code",
    "cvc_hint": "3 digits",
    "holder": "Name on the card",
    "register": "Register the card",
    "pay": "Pay {amount}",
    "leave": "Cancel and go back to {merchant}",
    "secured": "The payment processor’s page. {merchant} never sees the number of your card.",
    "test_cards": "Test cards",
    "test_cards_about": "Tap a card to fill in the form. Never enter your real card.",
    "required": "This field is needed.",
    "number_short": "The number is incomplete.",
    "number_wrong": "This number is not valid: check it.",
    "expiry_wrong": "Write the month and the year, such as 09 / 29.",
    "expiry_past": "This card has expired.",
    "cvc_wrong": "These are the 3 digits on the back of the card.",
    "insufficient_funds": "Insufficient funds. Try another card.",
    "generic_decline": "Your bank refused this card. Try another one.",
    "test_mode_live_card": "Only the test cards below are accepted here.",
    "authentication": "You did not give your consent. Try again, or take another card.",
    "expired_title": "This page has expired",
    "expired_about": "Nothing was charged. Go back to {merchant} to start again.",
    "back": "Go back to {merchant}",
    "waiting_title": "Your bank is answering…",
    "waiting_about": "Do not close this page: it may take some twenty seconds.",
    "bank": "Demonstration Bank",
    "bank_title": "Is it you?",
    "bank_pay": "Authorise {amount} to {merchant}?",
    "bank_register": "Let {merchant} register your card?",
    "bank_merchant": "Merchant",
    "bank_amount": "Amount",
    "bank_card": "Card",
    "bank_date": "Date",
    "approve": "Approve",
    "refuse": "Refuse",
    "bank_about": "Your bank asks for your consent to this operation (3-D Secure).",
    "card_4000002500000003": "French Visa, accepted",
    "card_5555552500000003": "French Mastercard, accepted",
    "card_4000002500003155": "3-D Secure: the bank asks for your consent",
    "card_4000002500009996": "Registers; insufficient funds when charged",
    "card_4000002500000011": "Refused at registration",
    "card_4242424242424242": "Foreign card (United States)",
    "card_4000002500000201": "The bank takes 20 seconds to answer",
    "card_4000002500000300": "Webhooks 30 s late, and twice",
}

LANGUAGES = {"fr": FRENCH, "en": ENGLISH}
MERCHANT = "S-Money"


def choose(request: HttpRequest, locale: str = "") -> dict[str, str]:
    """Return the words for the visitor, French if nothing is said."""
    asked = [
        locale,
        *(code for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))),
    ]
    for code in asked:
        if code[:2] in LANGUAGES:
            return {key: text.replace("{merchant}", MERCHANT) for key, text in LANGUAGES[code[:2]].items()}
    return choose(request, "fr")


def amount(cents: int, language: str) -> str:
    """Write an amount of euros as the language writes it: 1 234,50 € or €1,234.50."""
    euros, rest = divmod(cents, 100)
    if language == "fr":
        return f"{euros:,}".replace(",", "\u202f") + f",{rest:02}\u00a0€"
    return f"€{euros:,}.{rest:02}"
