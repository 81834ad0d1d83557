"""Sends what is answered in private: what is due on direct messages, texts and Messenger, each to its author.

Whoever said STOP on a channel gets nothing there any more, however long it was on its way.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from payments import deliveries, hints
from payments.models import Delivery, Order
from social import channels, commands, lexicon, manners
from social.channels import said
from social.channels.said import Button
from social.lexicon import Command
from social.models import Message

logger = logging.getLogger(__name__)

BATCH = 3  # At the slowest, a send takes 13 s, and a task ends after 45 s.
CHANNELS = {
    Delivery.Channel.DM: Message.Channel.DM,
    Delivery.Channel.TEXT: Message.Channel.SMS,
    Delivery.Channel.MESSENGER: Message.Channel.MESSENGER,
}
# Later than this a channel takes no answer, or nobody reads it as one.
WINDOW = timedelta(hours=24)


def send_due() -> int:
    """Send the answers that are due; how many went out. A channel that has had enough makes its own wait."""
    due = deliveries.claim(*CHANNELS, limit=BATCH)
    done = sum(_send(delivery) for delivery in due)
    if len(due) == BATCH:
        hints.run("social.answer")  # There may be more.
    return done


def _send(delivery: Delivery) -> bool:
    message = _answered(delivery)
    if why := _why_not(delivery, message):
        deliveries.give_up(delivery, problem=why)
        return False
    assert message
    try:
        buttons = _buttons(message)
        external_id = channels.of(message).send(message.author_id, delivery.text, buttons=buttons)
    except said.Limited as limited:
        deliveries.postpone(delivery, problem="too many for now", seconds=limited.seconds)
    except said.Unreachable as problem:
        deliveries.postpone(delivery, problem=f"no answer: {problem}"[:200])
    except said.Refused as refused:
        logger.warning("An answer was refused", extra={"delivery_id": str(delivery.pk)})
        deliveries.give_up(delivery, problem=str(refused)[:200])
    except Error:
        raise  # The database's: the lease ends, and it is due again.
    except Exception as problem:
        # It would break each time, and take the rest of its batch with it.
        logger.exception("An answer could not be sent", extra={"delivery_id": str(delivery.pk)})
        deliveries.give_up(delivery, problem=type(problem).__name__)
    else:
        deliveries.sent(delivery, external_id=external_id[:64])
        return True
    return False


def _answered(delivery: Delivery) -> Message | None:
    channel = CHANNELS[Delivery.Channel(delivery.channel)]
    known = Message.objects.select_related("order__payer")
    return known.filter(channel=channel, external_id=delivery.reply_to).first()


def _why_not(delivery: Delivery, message: Message | None) -> str:
    if message is None:
        return "what it answers is gone"
    if manners.is_silent(message) and not delivery.key.startswith(commands.LAST_WORD):
        return "they said STOP"
    if delivery.notification and not _is_theirs(message, delivery.notification.user):
        return "it is somebody else's number now"
    is_an_answer = delivery.notification_id is None
    is_late = message.received_at < timezone.now() - WINDOW
    is_closed = is_late and (is_an_answer or message.channel == Message.Channel.MESSENGER)
    return "too late" if is_closed else ""


def _is_theirs(message: Message, user: User) -> bool:
    """Whether they write under that number still: it may have changed hands since, or be nobody's."""
    author = channels.of(message).author(message.author_id)
    return author is not None and author.user.pk == user.pk


def _buttons(message: Message) -> list[Button]:
    """What a member taps instead of writing; an order that waits can be taken back."""
    author = channels.of(message).author(message.author_id)
    if author is None:
        return []
    language, order = author.user.language, message.order
    says = lexicon.WORDS[language]
    with override(language):
        buttons = [Button(_("Balance"), says[Command.BALANCE]), Button(_("Help"), says[Command.HELP])]
        if order and order.status == Order.Status.PENDING:
            buttons.insert(0, Button(_("Take it back"), f"{says[Command.CANCEL]} {order.reference}"))
        return buttons
