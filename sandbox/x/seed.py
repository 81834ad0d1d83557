"""The people who are there when the sandbox is first opened, and some of their ordinary life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox.x import people, posts, tokens
from sandbox.x.models import Person, Token

# Numbers that stay the same from one sandbox to the next, so that a demo can know them.
CLAIRE, ARMAND, LEA, TOM, ACF = range(2014100901, 2014100906)
PEOPLE = [
    (CLAIRE, "claire_martin", "Claire Martin", 2012, "Libraire à Nantes. Vélo, romans, café."),
    (ARMAND, "armanddossantos", "Armand Dos Santos", 2013, "Cuisinier. Lisbonne, Paris."),
    (LEA, "lea_petit", "Léa Petit", 2019, "Étudiante en géographie. Cartes et montagnes."),
    (TOM, "tom_bernard", "Tom Bernard", 2016, "Développeur, guitariste du dimanche."),
    (ACF, "acf", "Action contre la Faim", 2010, "Contre la faim et ses causes, dans plus de 50 pays."),
]
LIFE: list[tuple[float, int, str, list[tuple[int, str]]]] = [  # hours ago, who, what, replies
    (27, TOM, "Répétition ce soir, il nous manque toujours un batteur. Quelqu’un ?", []),
    (22, ACF, "Cette semaine, de l’eau potable pour 3 000 familles de plus. Merci à vous. 💧", []),
    (
        9,
        LEA,
        "Trois heures de train avec vue sur les Alpes enneigées. Je ne m’en lasse pas. 🏔️",
        [(CLAIRE, "Des photos !"), (LEA, "Promis, dès que j’ai du réseau.")],
    ),
    (
        5,
        ARMAND,
        "Caldo verde à l’ardoise aujourd’hui. Il fait un temps à soupe. #cuisine",
        [(TOM, "Garde-m’en une assiette, j’arrive à 13 h.")],
    ),
    (
        1.5,
        CLAIRE,
        "Les cartons de la rentrée littéraire arrivent et je ne sais plus où marcher.",
        [(LEA, "Je viens t’aider demain ?")],
    ),
]


def seed() -> None:
    """Fill an empty sandbox; and make sure that the service can speak, even if its token came later."""
    with transaction.atomic():
        if not Person.objects.exists():
            _people()
            _life()
        _token_of_the_service()


def _people() -> None:
    opened = datetime(2010, 10, 9, tzinfo=UTC)
    service = people.create(
        settings.X_SERVICE_HANDLE, name="S-Money", id=int(settings.X_SERVICE_ID), joined_at=opened
    )
    Person.objects.filter(pk=service.pk).update(
        is_verified=True, bio="Envoyez de l’argent d’un simple post. #envoyer"
    )
    for number, handle, name, year, bio in PEOPLE:
        person = people.create(handle, name=name, id=number, joined_at=datetime(year, 3, 14, tzinfo=UTC))
        Person.objects.filter(pk=person.pk).update(bio=bio, is_verified=number == ACF)


def _life() -> None:
    everybody, now = Person.objects.in_bulk(), timezone.now()
    for hours, author, said, replies in LIFE:
        at = now - timedelta(hours=hours)
        post = posts.publish(everybody[author], said, posted_at=at)
        for minutes, (other, answer) in enumerate(replies, start=1):
            later = at + timedelta(minutes=7 * minutes)
            posts.publish(everybody[other], answer, reply_to=post, posted_at=later)


def _token_of_the_service() -> None:
    """The refresh token that the product's operator was given; spent by the first use, as any."""
    Token.objects.get_or_create(
        value=settings.X_REFRESH_TOKEN,
        defaults={
            "kind": Token.Kind.REFRESH,
            "person_id": int(settings.X_SERVICE_ID),
            "scope": tokens.SERVICE_SCOPE,
            "grant": "first",
        },
    )
