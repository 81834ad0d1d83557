"""PDFs: what is written can be read back, and the same content is the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import time_machine

from payments import papers

AT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def written() -> bytes:
    paper = papers.Paper(title="Reçu", subject="Dons", at=AT)
    paper.title("Reçu n° 2026-000001")
    paper.heading("Donateur")
    paper.pair("Nom", "Łukasz Šećerović-Ğül, Ελένη, Юлия")
    paper.pair("Nothing", "")
    paper.text("Somme : 1\u202f234,50\u00a0€")
    paper.small("œuvre ou organisme d’intérêt général")
    paper.table(
        ["Date", "Montant"],
        [("1er mai 2026", f"{number},00 €") for number in range(80)],
        widths=(120, 50),
        right={1},
    )
    return paper.written()


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_what_is_written_is_read_back() -> None:
    text = read(written())
    for words in (
        "Reçu n° 2026-000001",
        "Donateur",
        "Łukasz Šećerović-Ğül, Ελένη, Юлия",
        "œuvre ou organisme",
    ):
        assert words in text
    assert "1 234,50 €" in text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Nothing" not in text


def test_a_table_goes_on_beneath_its_heads() -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(written())).pages]
    assert len(pages) > 1
    assert all("Montant" in page for page in pages)
    assert "79,00 €" in pages[-1]


def test_the_same_content_is_the_same_bytes() -> None:
    with time_machine.travel(AT.replace(year=2031)):
        later = written()
    assert later == written()


def test_it_says_what_it_is() -> None:
    about = pypdf.PdfReader(io.BytesIO(written())).metadata
    assert about
    assert (about.title, about.producer, about.creation_date) == ("Reçu", "S-Money", AT)


def test_lines_end_as_a_browser_ends_them() -> None:
    paper = papers.Paper(title="x", subject="x", at=AT)
    paper.text("Nourrir\r\net loger\tceux\rqui\u2028passent")
    text = read(paper.written())
    assert "\ufffd" not in text
    assert text.split() == ["Nourrir", "et", "loger", "ceux", "qui", "passent"]


def test_what_has_no_letters_is_marked() -> None:
    paper = papers.Paper(title="x", subject="x", at=AT)
    paper.text("Emma 🎁 محمد")
    assert "Emma \ufffd" in read(paper.written())
    assert papers.prints("Zoé Müller-Łoś")
    assert not papers.prints("محمد")
