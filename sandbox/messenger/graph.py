"""The Graph API's one call that S-Money makes: the page answers a person within 24 hours."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from sandbox.messenger.models import Note, Person

LONGEST = 2000
WINDOW = timedelta(hours=24)


class Refused(Exception):
    """https://developers.facebook.com/docs/messenger-platform/error-codes"""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@require_POST
def messages(request: HttpRequest, page_id: str) -> HttpResponse:
    try:
        _check_token(request, page_id)
        note = _kept(_read(request))
    except Refused as refused:
        error = {"message": refused.message, "type": "OAuthException", "code": refused.code}
        return JsonResponse({"error": error}, status=refused.status)
    return JsonResponse({"recipient_id": note.person_id, "message_id": note.mid})


def _check_token(request: HttpRequest, page_id: str) -> None:
    wanted = f"Bearer {settings.MESSENGER_PAGE_TOKEN}"
    given = request.headers.get("Authorization", "")
    if page_id != settings.MESSENGER_PAGE_ID or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refused(190, "Invalid OAuth access token.", 401)


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
        return {
            "person": str(said["recipient"]["id"]),
            "text": str(said["message"]["text"]),
            "buttons": [
                {"title": str(row["title"]), "payload": str(row["payload"])}
                for row in said["message"].get("quick_replies", [])
            ],
        }
    except (ValueError, LookupError, TypeError) as problem:
        raise Refused(100, f"Invalid parameter: {type(problem).__name__}") from problem


def _kept(said: dict[str, Any]) -> Note:
    person = Person.objects.filter(pk=said["person"]).first()
    if person is None:
        raise Refused(100, "No matching user found")
    if not 0 < len(said["text"]) <= LONGEST:
        raise Refused(100, "Length of param message[text] must be less than or equal to 2000")
    last = person.notes.filter(is_pages=False).order_by("-at").first()
    heard_at = last.at if last else person.met_at
    if heard_at < timezone.now() - WINDOW:
        raise Refused(10, "This message is sent outside of allowed window.", 403)
    return Note.objects.create(person=person, text=said["text"], buttons=said["buttons"], is_pages=True)
