"""Reads what the bank answers: pain.002 (taken or refused), camt.053 and camt.054 (booked), to plain facts.

ISO 20022, each version of these messages. A file is somebody else's: no document type, so no entities, a
bound on its size, and what is not such a file is said to be none. Amounts are cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

BIGGEST = 10 * 1024 * 1024
NO_AMOUNT = 0  # Said, but not as an amount of euros: it is equal to nobody's.
LONGEST = 35  # Max35Text, which ids are.

_ROOT = re.compile(
    r"\{urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.053|camt\.054)\.001\.[0-9]{2}\}Document"
)
_AMOUNT = re.compile(r"(?P<euros>[0-9]{1,13})(?:\.(?P<cents>[0-9]{1,2})0{0,3})?")
_RETURN_FAMILY = {"RRTN", "RPCR"}  # Bank transaction codes of what comes back.
_DONE = {"ACSC", "ACCC"}
_REFUSED = "RJCT"


class NotAnAnswer(Exception):
    """It is no such file, or not a whole one; the words say which and nothing of what is in it."""


class Kind(StrEnum):
    PAID = "paid"
    REFUSED = "refused"
    RETURNED = "returned"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What the bank says became of one payment. `amount` is None where it said none and need not."""

    kind: Kind
    end_to_end_id: str
    amount: int | None
    reason: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusedFile:
    """A payment file that the bank refused as a whole; figures that it did not give are None.

    It may tell of some of its payments beside: `told` are facts of the answer, too.
    """

    message_id: str
    reason: str
    count: int | None
    control_sum: int | None
    told: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A file of the bank's: `accounts` are the numbers that it is about, in statements."""

    kind: str
    facts: list[Fact]
    refused_files: list[RefusedFile]
    accounts: frozenset[str]


def read(content: bytes) -> Answer:
    """:raises NotAnAnswer: if it is no file of these kinds, whole and harmless"""
    if len(content) > BIGGEST:
        raise NotAnAnswer("it is too big")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as problem:
        raise NotAnAnswer("it declares a document type") from problem
    except (ParseError, ValueError, LookupError) as problem:
        raise NotAnAnswer("it is no XML, or not all of it") from problem
    found = _ROOT.fullmatch(root.tag)
    if found is None:
        raise NotAnAnswer("it is neither pain.002 nor camt.053 nor camt.054")
    kind = found.group(1)
    return _report(root) if kind == "pain.002" else _statement(root, kind)


def _report(root: Element) -> Answer:
    facts: list[Fact] = []
    refused: list[RefusedFile] = []
    for report in root.findall("{*}CstmrPmtStsRpt"):
        about = report.find("{*}OrgnlGrpInfAndSts")
        message_id = _text(about, "{*}OrgnlMsgId")
        of_each = report.findall("{*}OrgnlPmtInfAndSts/{*}TxInfAndSts")
        told = tuple(fact for status in of_each if (fact := _told(status, message_id)))
        facts += told
        of_groups = [about, *report.findall("{*}OrgnlPmtInfAndSts")]
        no = next((it for it in of_groups if _is_refusal(it)), None)
        # Some banks name the payments that offend alone: the others are refused with them.
        is_whole = {_text(it, "{*}TxSts") for it in of_each} == {_REFUSED}
        if no is not None and (not told or (is_whole and _text(about, "{*}GrpSts") == _REFUSED)):
            refused.append(_refused_file(about, no, message_id, told))
    return Answer(kind="pain.002", facts=facts, refused_files=refused, accounts=frozenset())


def _told(status: Element, message_id: str) -> Fact | None:
    """What is said of one payment; that it is on its way is no news."""
    said = _text(status, "{*}TxSts")
    if said != _REFUSED and said not in _DONE:
        return None
    amount = status.find("{*}OrgnlTxRef/{*}Amt/{*}InstdAmt")
    return Fact(
        kind=Kind.REFUSED if said == _REFUSED else Kind.PAID,
        end_to_end_id=_text(status, "{*}OrgnlEndToEndId"),
        amount=None if amount is None else _cents(amount),
        reason=_reason(status, "{*}StsRsnInf"),
        message_id=message_id,
    )


def _is_refusal(group: Element | None) -> bool:
    return _REFUSED in (_text(group, "{*}GrpSts"), _text(group, "{*}PmtInfSts"))


def _refused_file(about: Element | None, no: Element, message_id: str, told: tuple[Fact, ...]) -> RefusedFile:
    count, total = _text(about, "{*}OrgnlNbOfTxs"), _text(about, "{*}OrgnlCtrlSum")
    return RefusedFile(
        message_id=message_id,
        reason=_reason(no, "{*}StsRsnInf"),
        count=int(count) if re.fullmatch("[0-9]{1,9}", count) else None,
        control_sum=_figure(total) if total else None,
        told=told,
    )


def _statement(root: Element, kind: str) -> Answer:
    statements = [
        *root.findall("{*}BkToCstmrStmt/{*}Stmt"),
        *root.findall("{*}BkToCstmrDbtCdtNtfctn/{*}Ntfctn"),
    ]
    return Answer(
        kind=kind,
        facts=[fact for one in statements for entry in one.findall("{*}Ntry") for fact in _booked(entry)],
        refused_files=[],
        accounts=frozenset(_text(one, "{*}Acct/{*}Id/{*}IBAN") for one in statements),
    )


def _booked(entry: Element) -> Iterator[Fact]:
    """What an entry says of payments that are named; one that is not booked yet says nothing."""
    if "BOOK" not in (_text(entry, "{*}Sts/{*}Cd"), _text(entry, "{*}Sts")):
        return
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    for one in details:
        end_to_end_id = _text(one, "{*}Refs/{*}EndToEndId")
        way = _text(one, "{*}CdtDbtInd") or _text(entry, "{*}CdtDbtInd")
        if not end_to_end_id or (way == "CRDT") != _is_return(entry, one):
            continue  # Nothing of ours: somebody paid us, whatever they wrote there.
        yield Fact(
            kind=Kind.RETURNED if way == "CRDT" else Kind.PAID,
            end_to_end_id=end_to_end_id,
            amount=_amount_of(one, entry, is_alone=len(details) == 1),
            reason=_reason(one, "{*}RtrInf"),
        )


def _is_return(entry: Element, details: Element) -> bool:
    families = {
        _text(part, "{*}BkTxCd/{*}Domn/{*}Fmly/{*}SubFmlyCd") for part in (entry, details)
    } & _RETURN_FAMILY
    reversal = _text(entry, "{*}RvslInd") in {"true", "1"}
    return details.find("{*}RtrInf") is not None or bool(families) or reversal


def _amount_of(details: Element, entry: Element, *, is_alone: bool) -> int:
    """The payment's own amount; the entry's is that of all of its payments together."""
    for path in ("{*}Amt", "{*}AmtDtls/{*}TxAmt/{*}Amt"):
        if (found := details.find(path)) is not None:
            return _cents(found)
    total = entry.find("{*}Amt")
    return _cents(total) if is_alone and total is not None else NO_AMOUNT


def _reason(part: Element, path: str) -> str:
    return _text(part.find(path), "{*}Rsn/{*}Cd") or _text(part.find(path), "{*}Rsn/{*}Prtry")


def _text(part: Element | None, path: str) -> str:
    found = part.findtext(path) if part is not None else None
    return (found or "").strip()[:LONGEST]


def _cents(amount: Element) -> int:
    return _figure((amount.text or "").strip()) if amount.get("Ccy") == "EUR" else NO_AMOUNT


def _figure(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    return int(found["euros"]) * 100 + int((found["cents"] or "0").ljust(2, "0")) if found else NO_AMOUNT
