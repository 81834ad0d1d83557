"""Sends what is due by e-mail and SMS, one row at a time, each with its outcome."""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import EmailMessage
from django.db import Error

from accounts import sms, texts
from payments import deliveries, silences
from payments.models import Delivery

logger = logging.getLogger(__name__)

BATCH = 5  # At the slowest, all of it within a lease: an SMS may take 11 s, an e-mail 10 s.


def send_due() -> int:
    """Send until nothing is due; return how many were sent. What falls due meanwhile has its own hint."""
    done = 0
    while True:
        batch = deliveries.claim(Delivery.Channel.SMS, Delivery.Channel.EMAIL, limit=BATCH)
        for delivery in batch:
            _send(delivery)
        done += len(batch)
        if len(batch) < BATCH:
            return done


def _send(delivery: Delivery) -> None:
    """One row, once; what the other side says is its outcome."""
    number = _number(delivery) if delivery.channel == Delivery.Channel.SMS else ""
    if number and silences.holds(Delivery.Channel.SMS, number):
        deliveries.give_up(delivery, problem="they said STOP")
        return
    try:
        external_id = texts.send(number, delivery.text).sid if number else _mail(delivery)
    except (sms.Unreachable, OSError, smtplib.SMTPException) as problem:
        deliveries.postpone(delivery, problem=type(problem).__name__)
    except sms.Refused as refusal:
        deliveries.give_up(delivery, problem=str(refusal)[:200])
    except Error:
        raise  # The database's: the lease ends, and it is due again.
    except Exception as problem:
        # It would break each time, and take the rest of its batch with it.
        logger.exception("A message could not be sent", extra={"delivery": str(delivery.pk)})
        deliveries.give_up(delivery, problem=type(problem).__name__)
    else:
        deliveries.sent(delivery, external_id=external_id)


def _number(delivery: Delivery) -> str:
    """The member's; somebody else's where it was asked to be told there."""
    return str(delivery.notification.user.phone) if delivery.notification else delivery.reply_to


def _mail(delivery: Delivery) -> str:
    assert delivery.notification
    external_id, to = f"<{delivery.pk}@s-money>", [delivery.notification.user.email]
    headers = {"Message-ID": external_id}
    EmailMessage(delivery.subject, delivery.text, to=to, headers=headers).send()
    return external_id
