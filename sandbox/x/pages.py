"""The pages of X: a timeline that works like one, seen and written by whoever one says one is."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sandbox.x import credits as funds
from sandbox.x import people, posts, session, stream, tokens, versions
from sandbox.x.models import Delivery, Person, Post, Rule, Subscription, Webhook

THREADS = 40
CHANGES_AT_ONCE = 100
PROFILE_POSTS = 100
ORDERS = [  # to try the product with; the handle of the service is put in front
    "#envoyer 12,99€ @armanddossantos pour le resto",
    "#envoyer 5€ @lea_petit",
    "#donner 20€ @acf",
    "#demander 15€ @tom_bernard",
]
REFUSALS = {
    posts.EmptyPost: "Write something first.",
    posts.TooLong: "That is too long, even for X.",
    posts.NotEditable: "X does not let this post be edited any more.",
    posts.PostGone: "That post was deleted in the meantime.",
}


@dataclass
class Thread:
    """A post and what was answered, oldest first."""

    post: Post
    replies: list[Post] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.post.conversation_id


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    tops = _living().filter(reply_to__isnull=True).order_by("-id")[:THREADS]
    return _timeline(request, "x/home.html", _threads(list(tops)), is_home=True)


@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """Everything a person wrote, replies with what they answer."""
    person = get_object_or_404(Person, handle=handle)
    rows = _living().filter(author=person).order_by("-id")[:PROFILE_POSTS]
    return _timeline(
        request, "x/profile.html", [Thread(row) for row in rows], person=person, tint=person.pk % 6
    )


@require_safe
def status(request: HttpRequest, handle: str, post_id: int) -> HttpResponse:  # noqa: ARG001 (the number says it)
    """One post in its conversation. The address of an old version leads to the newest."""
    row = get_object_or_404(Post.objects.select_related("author"), pk=post_id)
    if row.deleted_at:
        return render(request, "x/gone.html", {"me": session.person(request)}, status=404)
    if not row.is_latest:
        return redirect("x-status", row.author.handle, int(row.history[-1]))
    thread = Thread(_living().get(pk=row.pk), list(_living().filter(reply_to=row).order_by("id")))
    before = _living().filter(pk=row.reply_to_id).first() if row.reply_to_id else None
    old = Post.objects.filter(pk__in=row.history[:-1]).order_by("-id")
    return _timeline(request, "x/status.html", [thread], before=before, old_versions=old)


@require_safe
def since(request: HttpRequest, change: int) -> HttpResponse:
    """The threads that changed after this change, drawn anew; an empty one is gone."""
    changed = Post.objects.filter(changed__gt=change).order_by("changed")[:CHANGES_AT_ONCE]
    rows = list(changed.values_list("changed", "conversation_id"))
    if not rows:
        return HttpResponse(status=204)
    ids = {conversation for _, conversation in rows}
    threads = {
        thread.id: thread
        for thread in _threads(list(_living().filter(reply_to=None, conversation_id__in=ids)))
    }
    me = session.person(request)
    drawn = [{"id": str(pk), "html": _draw(request, threads.get(pk), me)} for pk in sorted(ids)]
    return JsonResponse({"newest": str(rows[-1][0]), "threads": drawn})


@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """Write: a post, or a reply, a quote, an edit of the post that is named."""
    me = _me(request)
    asked = request.POST if request.method == "POST" else request.GET
    about = {name: _named(asked.get(name)) for name in ("reply_to", "quote_of", "edit")}
    problem, said = "", asked.get("text", "")
    if request.method == "POST":
        try:
            return _after_writing(request, _write(me, said, about))
        except tuple(REFUSALS) as refusal:
            problem = REFUSALS[type(refusal)]
    elif (edited := about["edit"]) and not said:
        said = edited.text[edited.lead :]
    context = {"me": me, "said": said, "problem": problem, "about": about, "kind": _kind(about)}
    return render(request, "x/compose.html", context, status=400 if problem else 200)


@require_POST
def repost(request: HttpRequest, post_id: int) -> HttpResponse:
    """Repost, or take the repost back."""
    original, me = _get(post_id), _me(request)
    mine = Post.objects.filter(author=me, repost_of=original.repost_of or original, deleted_at__isnull=True)
    if done := mine.select_related("author").first():
        posts.delete(done)
    else:
        posts.repost(me, original)
    return _back(request)


@require_POST
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    row = _get(post_id)
    if row.author_id == _me(request).pk:
        posts.delete(row)
    return _back(request)


@require_http_methods(["GET", "POST"])
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form to make somebody new."""
    problem = ""
    if request.method == "POST":
        try:
            person = people.create(
                request.POST.get("handle", ""),
                name=request.POST.get("name", "").strip(),
                joined_at=_days_ago(request.POST.get("days", "")),
            )
        except (people.HandleTaken, people.NotAHandle) as refusal:
            problem = _handle_problem(refusal)
        else:
            return _become(person, redirect("x-home"))
    everybody = Person.objects.annotate(count=Count("posts", filter=Q(posts__deleted_at=None))).order_by(
        "joined_at"
    )
    context = {"me": session.person(request), "everybody": everybody, "problem": problem}
    return render(request, "x/people.html", context, status=400 if problem else 200)


@require_POST
def be(request: HttpRequest) -> HttpResponse:
    person = get_object_or_404(Person, pk=request.POST.get("person", "0"))
    return _become(person, _back(request))


@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    person = get_object_or_404(Person, pk=request.POST.get("person", "0"))
    try:
        people.rename(person, handle=request.POST.get("handle", ""))
    except (people.HandleTaken, people.NotAHandle) as refusal:
        everybody = Person.objects.order_by("joined_at")
        context = {"me": session.person(request), "everybody": everybody, "problem": _handle_problem(refusal)}
        return render(request, "x/people.html", context, status=400)
    return redirect("x-people")


@require_POST
def treat(request: HttpRequest) -> HttpResponse:
    """Protect the person's posts, or suspend them, as X's own staff would; or undo it."""
    person = get_object_or_404(Person, pk=request.POST.get("person", "0"))
    standing = {name: request.POST[name] == "yes" for name in people.TREATMENTS & request.POST.keys()}
    people.treat(person, **standing)
    return redirect("x-people")


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    deliveries = Delivery.objects.select_related("webhook").order_by("-pk")[:100]
    context = {
        "webhooks": Webhook.objects.annotate(due=Count("delivery", filter=Q(delivery__due_at__isnull=False))),
        "subscriptions": Subscription.objects.select_related("person", "webhook").order_by("pk")[:100],
        "subscription_count": Subscription.objects.count(),
        "deliveries": deliveries,
        "cents": funds.cents(),
        "connections": stream.connections(),
        "rules": Rule.objects.order_by("pk"),
    }
    return render(request, "x/webhooks.html", context)


@require_POST
def paid_in(request: HttpRequest) -> HttpResponse:
    """Set what the app has left to spend; nothing is as much as it likes."""
    said = request.POST.get("cents", "")
    funds.set_cents(int(said) if said.isascii() and said.isdigit() else None)
    return redirect("x-webhooks")


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take back what somebody let the app do."""
    tokens.withdraw(get_object_or_404(Person, pk=request.POST.get("person", "0")))
    return redirect("x-people")


def _timeline(request: HttpRequest, template: str, threads: list[Thread], **more: Any) -> HttpResponse:
    me = session.person(request)
    newest = Post.objects.aggregate(newest=Max("changed"))["newest"] or 0
    others = Person.objects.exclude(pk=me.pk if me else 0).order_by("joined_at")[:12]
    orders = [f"@{settings.X_SERVICE_HANDLE} {order}" for order in ORDERS]
    context = {"me": me, "threads": threads, "newest": newest, "others": others, "orders": orders}
    return render(request, template, context | more)


def _living() -> QuerySet[Post]:
    """Latest versions of what was not deleted, with all that a page shows of them."""
    rows = Post.objects.filter(is_latest=True, deleted_at__isnull=True)
    return rows.select_related("author", "reply_to__author", "quote_of__author", "repost_of__author")


def _threads(tops: list[Post]) -> list[Thread]:
    """The posts with their replies: two queries for the whole page."""
    replies = defaultdict(list)
    for row in _living().filter(conversation_id__in=[top.conversation_id for top in tops]).order_by("id"):
        if row.reply_to_id is not None:
            replies[row.conversation_id].append(row)
    return [Thread(top, replies[top.conversation_id]) for top in tops]


def _draw(request: HttpRequest, thread: Thread | None, me: Person | None) -> str:
    return render_to_string("x/_thread.html", {"thread": thread, "me": me}, request) if thread else ""


def _write(me: Person, said: str, about: dict[str, Post | None]) -> Post:
    if edited := about["edit"]:
        if edited.author_id != me.pk or not versions.edits_remaining(edited):
            raise posts.NotEditable(edited)
        return posts.edit(edited, said)
    return posts.publish(me, said, reply_to=about["reply_to"], quote_of=about["quote_of"])


def _kind(about: dict[str, Post | None]) -> str:
    return next((name for name, post in about.items() if post), "post")


def _after_writing(request: HttpRequest, post: Post) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"id": str(post.pk)})
    return redirect("x-status", post.author.handle, post.pk) if post.reply_to_id else redirect("x-home")


def _named(number: str | None) -> Post | None:
    return _get(int(number)) if number and number.isascii() and number.isdigit() else None


def _get(post_id: int) -> Post:
    rows = Post.objects.select_related("author", "reply_to", "repost_of__author")
    return get_object_or_404(rows, pk=post_id)


def _days_ago(days: str) -> datetime | None:
    return timezone.now() - timedelta(days=int(days)) if re.fullmatch("[0-9]{1,4}", days) else None


def _me(request: HttpRequest) -> Person:
    person = session.person(request)
    if person is None:
        raise Http404("There is nobody yet.")
    return person


def _become(person: Person, response: HttpResponse) -> HttpResponse:
    session.be(response, person)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page of ours that the form was on."""
    path = request.POST.get("back", "")
    return HttpResponseRedirect(path if path.startswith("/x/") else "/x/")


def _handle_problem(refusal: Exception) -> str:
    if isinstance(refusal, people.HandleTaken):
        return f"@{refusal} is somebody else’s."
    return "A handle is 1 to 15 letters without accents, digits or _."
