"""The demo's members, who joined as anybody does: by their phones, the processor's page and X.

Run in the demo's environment; prints one JSON line for each, with what it takes to sign in as them.
The command line names those who are missing: a demo that was begun before they were thought of gets them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import requests

from launch import place, tour
from launch.people import Person, Places
from launch.reviewers import Reviewer

PASSWORD = "demo-rivoli-vendredi"  # noqa: S105  # of the demo's people, which it prints
CODE = "270914"
STAFF = {"name": "Agathe Moreau", "phone": "+33612340009"}
SECOND = {"name": "Bruno Adjoint", "phone": "+33612340011"}  # Who approves what she proposes.
ROLES = ((STAFF, ("Decisions", "Identity")), (SECOND, ("Decisions",)))
RICH = "claire_martin"


def main(names: list[str]) -> int:
    at = places()
    everybody = people(at)
    joining = [person for person in everybody if person.name in names]
    with ThreadPoolExecutor() as pool:
        joined = [pool.submit(_join, person) for person in joining]
        staff = [(person, roles) for person, roles in ROLES if person["name"] in names]
        enrolled = [pool.submit(_enrol_staff, at, person, *roles) for person, roles in staff]
        for each in joined:
            each.result()
        lines = [_line(person) for person in joining] + [each.result() for each in enrolled]
    if tour.CHARITY in names:
        for person in everybody:
            if person not in joining:
                person.sign_in()
        lines.append(tour.begin(_guides(at, everybody)))
    print(*[json.dumps(line, ensure_ascii=False) for line in lines], sep="\n")
    return 0


def missing(known: Iterable[Mapping[str, object]], *, with_tour: bool = False) -> list[str]:
    """Who is not among those whom an earlier start has introduced, by the lines that it printed.

    `with_tour`: the charity of the tour too.
    """
    there = {next(iter(line.values())) for line in known}
    everybody = [person.name for person in people(Places("", ""))] + [person["name"] for person, _ in ROLES]
    everybody += [tour.CHARITY] if with_tour else []
    return [name for name in everybody if name not in there]


def places() -> Places:
    """Where the demo's environment says that everything is."""
    return Places(site=os.environ["SITE_URL"], sandbox=os.environ["X_API_URL"])


def people(at: Places) -> list[Person]:
    """Claire has money, Armand and Léa are paid."""
    return [
        Person("Claire Martin", "+33612340001", RICH, PASSWORD, CODE, at),
        Person("Armand Dos Santos", "+33612340002", "armanddossantos", PASSWORD, CODE, at),
        Person("Léa Petit", "+33612340003", "lea_petit", PASSWORD, CODE, at),
    ]


def _join(person: Person) -> None:
    """Sign up, or in where that was done, and link X; one of them loads her wallet."""
    if not person.sign_in_if_known():
        person.sign_up()
    if not person.has_linked_x():
        person.link_x()
        person.add_email()
    if person.handle == RICH and person.balance() == "0":
        person.register_card()
        person.load("100")


def _guides(at: Places, everybody: list[Person]) -> tour.Guides:
    """Who makes the tour, signed in; staff sign in there."""
    claire, armand, lea = everybody
    staff = [Reviewer(person["name"], person["phone"], PASSWORD, at) for person, _roles in ROLES]
    return tour.Guides(claire, armand, lea, *staff)


def _enrol_staff(at: Places, person: dict[str, str], *roles: str) -> dict[str, str]:
    """A member of staff, with their authenticator in the sandbox's hands."""
    command = [sys.executable, "manage.py", "add_staff", person["phone"], person["name"]]
    command += [f"--role={role}" for role in roles]
    said = subprocess.run(
        command, cwd=place.ROOT, input=PASSWORD, text=True, check=True, stdout=subprocess.PIPE
    ).stdout
    otpauth = json.loads(said)["otpauth"]
    entry = {"label": person["name"], "otpauth": otpauth}
    requests.post(f"{at.sandbox}/sandbox/authenticator", json=entry, timeout=10).raise_for_status()
    return {
        "staff": person["name"],
        "phone": person["phone"],
        "password": PASSWORD,
        "second factor": "its code is on the page of codes",
    }


def _line(person: Person) -> dict[str, str]:
    return {
        "member": person.name,
        "phone": person.phone,
        "password": person.password,
        "secret code": person.code,
        "on X": f"@{person.handle}",
        "mail": person.email,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
