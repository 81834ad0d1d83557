"""The pages of Messenger: conversations with the service's page, as anybody; and the same for scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sandbox.messenger import wire
from sandbox.messenger.models import Note, Person

ROWS = 200


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form to be somebody new."""
    if request.method == "POST" and (name := request.POST.get("name", "").strip()[:60]):
        return redirect("messenger_person", Person.objects.create(name=name).pk)
    return render(request, "messenger/people.html", {"people": Person.objects.order_by("-met_at")[:ROWS]})


@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, page_id: str) -> HttpResponse:
    """m.me: open the conversation by a link of the page's, as whom one is."""
    ref = request.GET.get("ref", "")
    if request.method == "POST":
        number, name = request.POST.get("person", ""), request.POST.get("name", "").strip()[:60]
        person = Person.objects.filter(pk=number).first() or Person.objects.create(name=name or "Somebody")
        wire.tell_of_link(person, ref)
        return redirect("messenger_person", person.pk)
    context = {"people": Person.objects.order_by("-met_at")[:ROWS], "ref": ref, "page_id": page_id}
    return render(request, "messenger/people.html", context)


@require_safe
def person(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Person, pk=number)
    notes = list(found.notes.order_by("-at")[:ROWS])[::-1]
    return render(request, "messenger/person.html", {"person": found, "notes": notes})


@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the page, or tap one of its buttons."""
    found = get_object_or_404(Person, pk=number)
    payload = request.POST.get("payload", "")
    if text := request.POST.get("text", "").strip() or payload:
        note = Note.objects.create(person=found, text=text)
        if problem := wire.tell(note, payload=payload):
            Note.objects.filter(pk=note.pk).update(problem=problem)
    return redirect("messenger_person", number)


@require_safe
def listed(_request: HttpRequest, number: str) -> HttpResponse:
    """What the page wrote to them, the newest first."""
    rows = Note.objects.filter(person_id=number, is_pages=True).order_by("-at")[:ROWS]
    return JsonResponse(
        [{"mid": row.mid, "text": row.text, "buttons": row.buttons} for row in rows], safe=False
    )
