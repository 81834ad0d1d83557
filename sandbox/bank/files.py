"""The bank's XML: reads pain.001.001.09, writes pain.002.001.10 and camt.054.001.08 (ISO 20022)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

SPACE = "urn:iso:std:iso:20022:tech:xsd:"
_AMOUNT = re.compile(r"([0-9]{1,11})\.([0-9]{2})")


class BadFile(Exception):
    """The bank does not take this file; the words say why."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    end_to_end_id: str
    iban: str
    name: str
    amount: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Initiation:
    message_id: str
    payer: str
    wishes: list[Wish]


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What is said of one payment."""

    end_to_end_id: str
    amount: int
    reason: str = ""


def read(content: bytes) -> Initiation:
    """:raises BadFile: if it is no pain.001, or its figures do not add up"""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as problem:
        raise BadFile("not an XML file") from problem
    if root.tag != f"{{{SPACE}pain.001.001.09}}Document":
        raise BadFile("not a pain.001.001.09")
    wishes = [_wish(part) for part in root.iterfind(".//{*}CdtTrfTxInf")]
    header = root.find(".//{*}GrpHdr")
    said = (_text(header, "{*}NbOfTxs"), _text(header, "{*}CtrlSum"))
    if said != (str(len(wishes)), money(sum(wish.amount for wish in wishes))):
        raise BadFile("the figures of its header are not those of its payments")
    payers = {_text(part, "{*}DbtrAcct/{*}Id/{*}IBAN") for part in root.iterfind(".//{*}PmtInf")}
    if len(payers) != 1:
        raise BadFile("not one account that pays")
    return Initiation(message_id=_text(header, "{*}MsgId"), payer=payers.pop(), wishes=wishes)


def report(message_id: str, taken: list[Booking], refused: list[Booking], *, at: datetime) -> str:
    """What became of a file when it was looked at: pain.002."""
    status = "RJCT" if not taken else "PART" if refused else "ACCP"
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{it.end_to_end_id}</OrgnlEndToEndId><TxSts>{word}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{it.reason}</Cd></Rsn></StsRsnInf>" if it.reason else "")
        + f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{money(it.amount)}</InstdAmt></Amt></OrgnlTxRef>'
        "</TxInfAndSts>"
        for word, some in (("ACSP", taken), ("RJCT", refused))
        for it in some
    )
    return _document(
        "pain.002.001.10",
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>REPORT-{escape(message_id)[:28]}</MsgId><CreDtTm>{_time(at)}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(message_id)}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>NOTPROVIDED</OrgnlPmtInfId>"
        f"{told}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>",
    )


def notification(bookings: list[Booking], *, iban: str, is_return: bool, number: str, at: datetime) -> str:
    """What was booked on the customer's account: camt.054, an entry for each payment."""
    return _document(
        "camt.054.001.08",
        f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{number}</MsgId><CreDtTm>{_time(at)}</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>{number}</Id><CreDtTm>{_time(at)}</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
        + "".join(_entry(it, is_return=is_return, at=at) for it in bookings)
        + "</Ntfctn></BkToCstmrDbtCdtNtfctn>",
    )


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _entry(it: Booking, *, is_return: bool, at: datetime) -> str:
    way, family = ("CRDT", "RRTN") if is_return else ("DBIT", "ESCT")
    code = f"<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{family}</SubFmlyCd></Fmly></Domn>"
    why = f"<RtrInf><Rsn><Cd>{it.reason}</Cd></Rsn></RtrInf>" if is_return else ""
    sum_ = f'<Amt Ccy="EUR">{money(it.amount)}</Amt><CdtDbtInd>{way}</CdtDbtInd>'
    return (
        f"<Ntry>{sum_}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{at:%Y-%m-%d}</Dt></BookgDt><BkTxCd>{code}</BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{escape(it.end_to_end_id)}</EndToEndId></Refs>{sum_}{why}"
        "</TxDtls></NtryDtls></Ntry>"
    )


def _document(schema: str, inside: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<Document xmlns="{SPACE}{schema}">{inside}</Document>'


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _wish(part: Element) -> Wish:
    amount = part.find("{*}Amt/{*}InstdAmt")
    found = (
        _AMOUNT.fullmatch(amount.text or "") if amount is not None and amount.get("Ccy") == "EUR" else None
    )
    if found is None:
        raise BadFile("a payment that is not of euros")
    return Wish(
        end_to_end_id=_text(part, "{*}PmtId/{*}EndToEndId"),
        iban=_text(part, "{*}CdtrAcct/{*}Id/{*}IBAN"),
        name=_text(part, "{*}Cdtr/{*}Nm"),
        amount=int(found[1]) * 100 + int(found[2]),
        text=_text(part, "{*}RmtInf/{*}Ustrd"),
    )


def _text(part: Element | None, path: str) -> str:
    found = part.findtext(path) if part is not None else None
    return (found or "").strip()
