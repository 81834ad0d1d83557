"""What the page of help shows to be written is read as it says, and nothing that we do is left out."""

from __future__ import annotations

import html

import pytest
from django.conf import settings
from django.test import Client

from social import commands, entities, examples, grammar
from social.entities import Mention
from social.examples import Example, Line
from social.grammar import Reading
from social.lexicon import OF_PRIVATE

SHOWN = [
    (example, line, is_private)
    for is_private, shown in (
        (False, examples.public()),
        (True, [*examples.private(), examples.to_a_number()]),
    )
    for example in shown
    for line in example.lines
]


@pytest.mark.parametrize(("example", "line", "is_private"), SHOWN, ids=[line.text for _, line, _ in SHOWN])
def test_each_line_is_read_as_its_command(example: Example, line: Line, is_private: bool) -> None:
    service = Mention(settings.X_SERVICE_HANDLE, settings.X_SERVICE_ID)
    others = [Mention(span.word, span.word) for span in entities.handles(line.text)]
    mentions = [service, *(one for one in others if one.username != service.username)]
    read = grammar.read(line.text, mentions=mentions, service=service, is_private=is_private)
    assert isinstance(read, Reading)
    assert read.command == example.command
    assert example.command in OF_PRIVATE or read.language == line.language


def test_what_we_obey_is_shown_and_nothing_else() -> None:
    assert {example.command for example, _, _ in SHOWN} == commands.OBEYED


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.django_db
def test_the_page_shows_all_of_them_in_both_languages(language: str) -> None:
    page = html.unescape(Client(HTTP_ACCEPT_LANGUAGE=language).get("/help/", secure=True).content.decode())
    assert [line.text for _, line, _ in SHOWN if line.text not in page] == []
