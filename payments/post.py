"""Sends what is due by e-mail and SMS, one row at a time, each with its outcome."""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import EmailMessage
from django.db import Error

from accounts import crypto, sms, texts
from payments import deliveries
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
    assert delivery.notification
    user = delivery.notification.user
    address = crypto.decrypt(delivery.address) if delivery.address else ""  # Of who has left since.
    try:
        if delivery.channel == Delivery.Channel.SMS:
            external_id = texts.send(address or str(user.phone), delivery.text).sid
        else:
            external_id = f"<{delivery.pk}@s-money>"
            headers = {"Message-ID": external_id}
            to = [address or user.email]
            EmailMessage(delivery.subject, delivery.text, to=to, headers=headers).send()
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
