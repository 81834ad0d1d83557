"""A bank's file is somebody else's: what is hostile, cut, or no such file is said to be none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import bank_files
from payments.bank_files import Fact, Kind, NotAnAnswer

SPACE = "urn:iso:std:iso:20022:tech:xsd:"
ID = "0192f0a1b2c37d4e8f90a1b2c3d4e5f6"


def statement(inside: str, *, schema: str = "camt.053.001.08") -> bytes:
    """A statement with these entries."""
    body = f"<Stmt><Acct><Id><IBAN>FR76</IBAN></Id></Acct>{inside}</Stmt>"
    wrapped = (
        f"<BkToCstmrStmt>{body}</BkToCstmrStmt>"
        if "053" in schema
        else f"<BkToCstmrDbtCdtNtfctn>{body.replace('Stmt>', 'Ntfctn>')}</BkToCstmrDbtCdtNtfctn>"
    )
    return f'<Document xmlns="{SPACE}{schema}">{wrapped}</Document>'.encode()


def entry(
    *, way: str = "DBIT", status: str = "<Sts><Cd>BOOK</Cd></Sts>", amount: str = "12.99", more: str = ""
) -> str:
    details = f"<TxDtls><Refs><EndToEndId>{ID}</EndToEndId></Refs>{more}</TxDtls>"
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{status}'
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def fact(content: bytes) -> Fact:
    (only,) = bank_files.read(content).facts
    return only


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
HOSTILE = {
    "entity of a file": f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{statement("&x;").decode()}',
    "entity of a page": f'<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>{statement("&x;").decode()}',
    "parameter": f'<!DOCTYPE d [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>{statement("").decode()}',
    "document type from elsewhere": f'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x">{statement("").decode()}',
    "billion laughs": f"<!DOCTYPE d [{LAUGHS}]>{statement('&l11;').decode()}",
    "one long entity": f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>{statement("&a;" * 50_000).decode()}',
}


class TestHostile:
    @pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
    def test_is_refused_at_once(self, content: str) -> None:
        begun = time.monotonic()
        with pytest.raises(NotAnAnswer, match="document type"):
            bank_files.read(content.encode())
        assert time.monotonic() - begun < 1

    def test_too_big_is_refused_unread(self) -> None:
        with pytest.raises(NotAnAnswer, match="too big"):
            bank_files.read(b"<" * (bank_files.BIGGEST + 1))

    def test_nested_deep_is_read_or_refused(self) -> None:
        deep = 200_000
        assert bank_files.read(statement("<Ntry>" * deep + "</Ntry>" * deep)).facts == []

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01\x02",
            b"not xml",
            b"{}",
            b"<Document/>",
            b"<html/>",
            b'<?xml version="1.0" encoding="utf-77"?><a/>',
            "é".encode("latin-1"),
            statement("").replace(b"camt.053", b"camt.060"),
            statement("").replace(b"camt.053", b"pain.001"),
            statement("").replace(SPACE.encode(), b"urn:evil:"),
            statement("").replace(b"Document", b"Dokument"),
        ],
    )
    def test_no_such_file_is_said_to_be_none(self, content: bytes) -> None:
        with pytest.raises(NotAnAnswer):
            bank_files.read(content)

    def test_cut_off_anywhere_is_refused(self) -> None:
        whole = statement(entry())
        for end in range(len(whole)):
            with pytest.raises(NotAnAnswer):
                bank_files.read(whole[:end])

    @settings(max_examples=300, deadline=None)
    @given(place=st.integers(0, 10_000), bits=st.integers(1, 255))
    def test_damaged_anywhere_is_read_or_refused(self, place: int, bits: int) -> None:
        content = bytearray(statement(entry(way="CRDT", more="<RtrInf/>")))
        content[place % len(content)] ^= bits
        try:
            facts = bank_files.read(bytes(content)).facts
        except NotAnAnswer:
            return
        assert len(facts) <= 1

    def test_says_nothing_of_what_is_in_it(self) -> None:
        with pytest.raises(NotAnAnswer) as refusal:
            bank_files.read(b"<IBAN>FR7630004000310001010000158</IBAN>")
        assert "FR76" not in str(refusal.value)


class TestStatement:
    @pytest.mark.parametrize(
        "schema", ["camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08"]
    )
    def test_reads_each_version(self, schema: str) -> None:
        answer = bank_files.read(statement(entry(), schema=schema))
        assert answer.kind == schema[:8]
        assert answer.facts == [Fact(kind=Kind.PAID, end_to_end_id=ID, amount=12_99)]
        assert answer.accounts == {"FR76"}

    def test_reads_the_status_of_old_and_new(self) -> None:
        assert fact(statement(entry(status="<Sts>BOOK</Sts>"))).kind is Kind.PAID
        assert bank_files.read(statement(entry(status="<Sts><Cd>PDNG</Cd></Sts>"))).facts == []
        assert bank_files.read(statement(entry(status=""))).facts == []

    @pytest.mark.parametrize(
        "more",
        [
            "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>",
            "<BkTxCd><Domn><Fmly><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>",
        ],
    )
    def test_knows_what_came_back(self, more: str) -> None:
        found = fact(statement(entry(way="CRDT", more=more)))
        assert found.kind is Kind.RETURNED
        assert found.reason == ("AC04" if "AC04" in more else "")

    def test_takes_no_credit_for_a_return(self) -> None:
        assert bank_files.read(statement(entry(way="CRDT"))).facts == []

    def test_prefers_the_payments_own_amount(self) -> None:
        own = '<AmtDtls><TxAmt><Amt Ccy="EUR">5.00</Amt></TxAmt></AmtDtls>'
        assert fact(statement(entry(more=own))).amount == 5_00

    def test_takes_no_sum_for_one_of_its_payments(self) -> None:
        both = entry().replace(
            "</NtryDtls>", "<TxDtls><Refs><EndToEndId>x</EndToEndId></Refs></TxDtls></NtryDtls>"
        )
        assert [it.amount for it in bank_files.read(statement(both)).facts] == [bank_files.NO_AMOUNT] * 2

    @pytest.mark.parametrize(
        ("written", "cents"),
        [("12.99", 12_99), ("12", 12_00), ("12.5", 12_50), ("12.99000", 12_99), ("0012.99", 12_99)],
    )
    def test_reads_amounts(self, written: str, cents: int) -> None:
        assert fact(statement(entry(amount=written))).amount == cents

    @pytest.mark.parametrize(
        "written", ["12.999", "-12.99", "1e3", "12,99", "", "٢٠", "NaN", "9" * 40, "12.99 EUR"]
    )
    def test_takes_nothing_else_for_an_amount(self, written: str) -> None:
        assert fact(statement(entry(amount=written))).amount == bank_files.NO_AMOUNT

    def test_takes_no_other_currency_for_euros(self) -> None:
        content = statement(entry()).replace(b'Ccy="EUR"', b'Ccy="CHF"')
        assert fact(content).amount == bank_files.NO_AMOUNT
