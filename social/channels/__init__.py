"""The channels by which people speak to us in private: a module each, with `said.Channel`'s functions."""

from social.channels import dm, messenger, sms
from social.channels.said import Channel
from social.models import Message

BY_NAME: dict[str, Channel] = {module.NAME: module for module in (dm, messenger, sms)}


def of(message: Message) -> Channel:
    return BY_NAME[message.channel]
