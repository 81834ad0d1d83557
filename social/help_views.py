"""How orders are written, and the page where anybody tries a text before they post it."""

from __future__ import annotations

from http import HTTPStatus

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from social import examples, rehearsals
from social.forms import RehearsalForm


@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    """Each command with a line to copy, the amounts that we read, what we promise."""
    shown = {"public": examples.public(), "private": examples.private(), "by_number": examples.to_a_number()}
    return render(request, "help.html", shown)


@require_http_methods(["GET", "POST"])
def rehearse(request: HttpRequest) -> HttpResponse:
    """Show how a text is read. It comes in the body, which no log keeps."""
    form = RehearsalForm(request.POST or None, initial={"text": RehearsalForm.example()})
    if request.method == "POST" and not ratelimit.consume(request, action="rehearsal"):
        messages.error(request, _("That was a lot of tries. Wait a minute, then go on."))
        return _page(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)
    text = form.cleaned_data["text"].replace("\r\n", "\n")
    return _page(request, form, rehearsal=rehearsals.rehearse(text, is_private=form.is_private))


def _page(
    request: HttpRequest,
    form: RehearsalForm,
    *,
    rehearsal: rehearsals.Rehearsal | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    return render(request, "rehearsal.html", {"form": form, "rehearsal": rehearsal}, status=status)
