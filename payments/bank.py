"""The client of our bank's gateway: name checks, payment files, its answers. Knows nothing of Django.

Never repeats a call. A payment file goes with its own message id as the idempotency key, so the caller may
repeat it. No exception and no address holds an account number. Answers' codes are the European Payments
Council's (Verification Of Payee scheme rulebook, EPC218-23): MTCH, CMTC, NMTC, NOAP.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests

TIMEOUT_SECONDS = 10
BIGGEST = 10 * 1024 * 1024
XML = "application/xml"
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class Refused(Exception):
    """The call itself was wrong: a bad key, a file that the bank does not take, an unknown number."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Unreachable(Exception):
    """No answer, or none that can be read: whether it happened is not known."""


class NotToBeHad(Unreachable):
    """It is too long, gone, or not what was listed: asked for again, it would be so again."""


class Verdict(StrEnum):
    """What a bank says of an account's holder."""

    MATCH = "MTCH"
    CLOSE = "CMTC"
    NO_MATCH = "NMTC"
    NOT_POSSIBLE = "NOAP"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Whether the account is held under that name; `name` is the holder's, where it is close."""

    verdict: Verdict
    name: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A file that the bank has for us."""

    id: str
    digest: str


class Bank:
    def __init__(self, *, url: str, key: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"}

    def verify_payee(self, *, iban: str, name: str) -> Verification:
        """Ask the account's bank whether it is held under that name."""
        said = self._json("POST", "/payee-verifications", json={"iban": iban, "name": name})
        verdict, holder = said.get("match"), said.get("name") or ""
        if verdict not in set(Verdict) or not isinstance(holder, str):
            raise Unreachable("an answer that is none")
        if verdict == Verdict.CLOSE and not holder.strip():
            return Verification(verdict=Verdict.NO_MATCH, name="")
        return Verification(verdict=Verdict(verdict), name=holder if verdict == Verdict.CLOSE else "")

    def send(self, document: bytes, *, message_id: str) -> str:
        """Hand over a payment file, once for its message id; return the bank's reference."""
        headers = {"Idempotency-Key": message_id, "Content-Type": XML}
        return str(self._json("POST", "/payment-files", data=document, headers=headers).get("reference", ""))

    def files(self, *, after: str = "") -> list[Listed]:
        """The bank's files for us that came after that one, the oldest first; a page of them."""
        listed = self._json("GET", "/statement-files", params={"after": after}).get("files")
        try:
            return [Listed(id=str(entry["id"]), digest=str(entry["sha256"])) for entry in listed or []]
        except (TypeError, KeyError) as problem:
            raise Unreachable("a list that is none") from problem

    def fetch(self, listed: Listed) -> bytes:
        """The file, whole: one that was cut on its way is not taken for it.

        :raises NotToBeHad: if the bank is there, and the file is not
        """
        try:
            content = self._call("GET", f"/statement-files/{quote(listed.id, safe='')}")
        except Refused as problem:
            if problem.status not in _GONE:
                raise
            raise NotToBeHad(str(problem)) from None
        if sha256(content).hexdigest() != listed.digest:
            raise NotToBeHad("it is not the file that was listed")
        return content

    def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        content = self._call(method, path, **more)
        try:
            said = json.loads(content)
        except ValueError as problem:
            raise Unreachable("no JSON") from problem
        if not isinstance(said, dict):
            raise Unreachable("no object")
        return said

    def _call(self, method: str, path: str, **more: Any) -> bytes:
        headers = self._headers | more.pop("headers", {})
        try:
            with requests.request(
                method,
                self._url + path,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
                **more,
            ) as answer:
                content = _whole(answer)
        except requests.RequestException as problem:
            raise Unreachable(type(problem).__name__) from None  # Its words may hold what was sent.
        status = answer.status_code
        if (
            HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
            and status != HTTPStatus.TOO_MANY_REQUESTS
        ):
            raise Refused(status)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise Unreachable(f"HTTP {status}")
        return content


def _whole(answer: requests.Response) -> bytes:
    """The answer's body.

    :raises NotToBeHad: if it has no end in sight
    """
    content = b""
    for piece in answer.iter_content(64 * 1024):
        content += piece
        if len(content) > BIGGEST:
            raise NotToBeHad("an answer that is too long")
    return content
