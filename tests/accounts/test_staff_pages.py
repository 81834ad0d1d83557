"""What the staff's pages are made of."""

from __future__ import annotations

from django.utils.html import format_html

from accounts import staff_pages


class TestTable:
    def test_has_links_in_its_heads_as_in_its_cells(self) -> None:
        link = format_html('<a href="/staff/">{}</a>', "<Faim>")
        page = str(staff_pages.table((link, "detail"), [(link, "<b>")]))
        assert page.count('<a href="/staff/">&lt;Faim&gt;</a>') == 2
        assert '<th scope="col">Detail</th>' in page
        assert "<td>&lt;b&gt;</td>" in page

    def test_of_nothing_is_a_dash(self) -> None:
        assert staff_pages.table(("detail",), []) == staff_pages.NOTHING
