"""Jobs: each takes nothing, makes one call, and is harmless when repeated."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from payments import hints
from social import dispatch, inbox, listening, posts, replies, ways, x
from social.channels import dm, said
from social.models import Way

logger = logging.getLogger(__name__)


@shared_task(name="social.handle_messages")
def handle_messages() -> None:
    """Decide what comes of the messages that wait."""
    inbox.handle()


@shared_task(name="social.reply", base=hints.Gathering)
def reply() -> None:
    """Send the replies that are due."""
    replies.send_due()


@shared_task(name="social.handle_private")
def handle_private() -> None:
    """Decide what comes of the private messages that wait."""
    inbox.handle_private()


@shared_task(name="social.answer", base=hints.Gathering)
def answer() -> None:
    """Send the private answers that are due."""
    dispatch.send_due()


@shared_task(name="social.read_direct_messages")
def read_direct_messages() -> None:
    """Ask X for what no webhook brought."""
    try:
        inbox.hear(dm.NAME, dm.latest(), at=timezone.now())
    except (said.Refused, said.Limited, said.Unreachable) as problem:
        # The next round asks again.
        logger.warning("X could not be asked for messages", extra={"problem": type(problem).__name__})


@shared_task(name="social.recheck_posts")
def recheck_posts() -> None:
    """Look whether the posts of orders that wait are still there, as they were."""
    try:
        listening.recheck()
    except (x.Refused, x.Limited, x.Unreachable, posts.Malformed) as problem:
        # The next round asks again.
        logger.warning("X could not be asked for its posts", extra={"problem": type(problem).__name__})
        ways.failed(Way.Name.LOOK, problem)
    else:
        ways.worked(Way.Name.LOOK)
