"""The audit: weak, skipped and forgotten packages are all complaints."""

from __future__ import annotations

from launch import audit

FINE = {"name": "Django", "version": "5.2.19", "vulns": []}


class TestComplaints:
    def test_are_none_where_every_package_was_looked_up(self) -> None:
        assert audit.complaints([FINE], {"django"}) == []

    def test_name_the_weakness(self) -> None:
        weakness = {"id": "CVE-1", "fix_versions": ["5.2.20"]}
        (line,) = audit.complaints([FINE | {"vulns": [weakness]}], {"django"})
        assert line == "Django 5.2.19: CVE-1, mended in ['5.2.20']"

    def test_name_what_was_skipped(self) -> None:
        (line,) = audit.complaints([{"name": "Django", "skip_reason": "no answer"}], {"django"})
        assert line == "Django was skipped: no answer"

    def test_name_what_was_never_looked_at(self) -> None:
        assert audit.complaints([FINE], {"django", "celery"}) == ["celery was not looked up."]


class TestPinned:
    def test_leaves_out_what_is_for_other_systems(self) -> None:
        names = audit.pinned()
        assert "django" in names
        assert "colorama" not in names
