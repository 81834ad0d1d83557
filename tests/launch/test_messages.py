"""Messages: every marked string is found, and each that has no French is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from launch import messages

TEMPLATE = """
<ul>
    <li>{% translate "Wallet" %}</li>
  {# Translators: on the button #}
  <li title="{% translate 'Go' context 'button' %}">{{ _("Today") }}, it's 5" (so</li>
    {% blocktranslate count count=n trimmed %}
      One order of {{ name }}
    {% plural %}
      {{ count }} orders of {{ name }}
    {% endblocktranslate %}
</ul>
"""
PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
def f(n):
    # Translators: said by SMS
    return _("Hello"
             " you"), ngettext("%(n)s euro", "%(n)s euros", n), pgettext("verb", "Post"), _(n)
"""


def found(text: str, *, is_template: bool) -> set[object]:
    return {(context, words) for words, _, context in messages.in_text(text, is_template=is_template)}


class TestInText:
    def test_reads_templates(self) -> None:
        assert found(TEMPLATE, is_template=True) == {
            (None, "Wallet"),
            ("button", "Go"),
            (None, "Today"),
            (None, ("One order of %(name)s", "%(count)s orders of %(name)s")),
        }

    def test_reads_python(self) -> None:
        assert found(PYTHON, is_template=False) == {
            (None, "Hello you"),
            (None, ("%(n)s euro", "%(n)s euros")),
            ("verb", "Post"),
        }

    def test_keeps_the_words_to_translators(self) -> None:
        (comment,) = [notes for words, notes, _ in messages.in_text(PYTHON, is_template=False) if notes]
        assert comment == ["Translators: said by SMS"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "payments").mkdir()
    (tmp_path / "payments" / "wording.py").write_text(
        '_("Paid"); _("Held"); ngettext("%d day", "%d days", 2)'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{% translate 'Paid' %}")
    return tmp_path


def translate(project: Path, **words: str) -> None:
    catalog, _ = messages.merge(project)
    for english, french in words.items():
        catalog[english].string = french
    messages.write(catalog, project / messages.CATALOG)


class TestMerge:
    def test_keeps_translations_and_drops_what_nobody_says_any_more(self, project: Path) -> None:
        translate(project, Paid="Payé", Held="En attente")
        (project / "payments" / "wording.py").write_text('_("Sent")')
        merged, is_new = messages.merge(project)
        assert is_new
        assert {message.id: message.string for message in merged if message.id} == {
            "Paid": "Payé",
            "Sent": None,
        }
        assert not merged.obsolete

    def test_changes_nothing_the_second_time(self, project: Path) -> None:
        translate(project)
        before = (project / messages.CATALOG).read_text()
        merged, is_new = messages.merge(project)
        messages.write(merged, project / messages.CATALOG)
        assert not is_new
        assert (project / messages.CATALOG).read_text() == before

    def test_names_what_has_no_french(self, project: Path) -> None:
        translate(project, Paid="Payé")
        lacking = messages.lacking_in(messages.merge(project)[0])
        assert [message.id for message in lacking] == ["Held", ("%d day", "%d days")]

    def test_does_not_trust_a_doubtful_translation(self, project: Path) -> None:
        catalog, _ = messages.merge(project)
        catalog["Paid"].string = "Payé"
        catalog["Paid"].flags.add("fuzzy")
        assert "Paid" in [message.id for message in messages.lacking_in(catalog)]
