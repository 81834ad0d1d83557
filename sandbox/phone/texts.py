"""Text messages, with the rules of Twilio's API: which numbers, how long, and who said STOP."""

from __future__ import annotations

import re

import phonenumbers
from django.db import transaction

from sandbox.phone.models import Stop, Text

LONGEST = 1600
STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET"}
STARTS = {"START", "YES", "UNSTOP", "REPRENDRE"}  # Twilio’s own, and the French that an operator adds.


class Refused(Exception):
    """Twilio does not take the message: https://www.twilio.com/docs/api/errors."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def send(*, to: str, sender: str, body: str) -> Text:
    """Put a message on a phone.

    :raises Refused: with Twilio's code
    """
    if not to:
        raise Refused(21604, "A 'To' phone number is required.")
    if not sender:
        raise Refused(21603, "A 'From' phone number is required.")
    if not body:
        raise Refused(21602, "Message body is required.")
    if len(body) > LONGEST:
        raise Refused(21617, "The concatenated message body exceeds the 1600 character limit")
    if not _is_number(to):
        raise Refused(21211, f"Invalid 'To' Phone Number: {_hidden(to)}")
    if not _is_number(sender) and not re.fullmatch("[A-Za-z0-9 ]{1,11}", sender):
        raise Refused(21212, f"Invalid From Number (caller ID): {sender}")
    if Stop.objects.filter(number=to, sender=sender).exists():
        raise Refused(21610, "Attempt to send to unsubscribed recipient")
    return Text.objects.create(number=to, sender=sender, body=body)


def write(*, number: str, sender: str, body: str) -> Text:
    """Keep a message that somebody writes on a phone; STOP and START are heeded as Twilio heeds them."""
    with transaction.atomic():
        word = body.strip().upper()
        if word in STOPS:
            Stop.objects.get_or_create(number=number, sender=sender)
        elif word in STARTS:
            Stop.objects.filter(number=number, sender=sender).delete()
        return Text.objects.create(number=number, sender=sender, body=body, is_inbound=True)


def _is_number(text: str) -> bool:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        return False
    return phonenumbers.is_possible_number(phonenumbers.parse(text))


def _hidden(number: str) -> str:
    return f"{number[:-4]}XXXX"
