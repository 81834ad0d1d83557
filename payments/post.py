"""Sends what is due by e-mail and SMS, one row at a time, each with its outcome."""

from __future__ import annotations

import logging
import smtplib
from time import monotonic

from django.core.mail import EmailMessage
from django.db import Error

from accounts import crypto, sms, texts
from payments import deliveries, hints, silences
from payments.models import Delivery

logger = logging.getLogger(__name__)

BATCH = 20
BUSY_SECONDS = (
    20  # With the slowest that begins then, of 11 s for an SMS, all of a batch is within its lease.
)


def send_due() -> int:
    """Send until nothing is due, or for some seconds, when another task goes on; how many were tried."""
    until, done = monotonic() + BUSY_SECONDS, 0
    while batch := deliveries.claim(Delivery.Channel.SMS, Delivery.Channel.EMAIL, limit=BATCH):
        for delivery in deliveries.in_time(batch, seconds=BUSY_SECONDS):
            _send(delivery)
            done += 1
        if monotonic() > until:
            hints.run("payments.deliver")  # There may be more.
            break
    return done


def _send(delivery: Delivery) -> None:
    """One row, once; what the other side says is its outcome."""
    try:
        address = _address(delivery)
        if delivery.channel == Delivery.Channel.SMS and silences.holds(Delivery.Channel.SMS, address):
            deliveries.give_up(delivery, problem="they said STOP")
            return
        if delivery.channel == Delivery.Channel.SMS:
            external_id = texts.send(address, delivery.text).sid
        else:
            external_id = f"<{delivery.pk}@s-money>"
            headers = {"Message-ID": external_id}
            EmailMessage(delivery.subject, delivery.text, to=[address], headers=headers).send()
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


def _address(delivery: Delivery) -> str:
    """The member's, as it was where they have left since; somebody else's where they are told unasked."""
    if delivery.address:
        return crypto.decrypt(delivery.address)
    if delivery.notification is None:
        return delivery.reply_to
    user = delivery.notification.user
    return str(user.phone) if delivery.channel == Delivery.Channel.SMS else user.email
