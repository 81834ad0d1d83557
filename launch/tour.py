"""What the demo's members have done before you come, so that every service has something in it.

All of it over HTTP: a charity that Armand signs up and staff accept, what it collects, borrows and sells,
Léa's money pot, and what the three give and buy. What an earlier start has made is made once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from launch import place
from launch.browser import Page
from launch.people import Disappointed, Person, until
from launch.reviewers import Reviewer

CHARITY = "Action contre la Faim"
HANDLE = "acf"
FACTS = {
    "name": CHARITY,
    "kind": "ASSOCIATION",
    "rna": "W751234567",
    "purpose": "De l’eau, des graines et des soins, là où l’on manque de tout.",
    "street": "102 rue de Paris",
    "postcode": "93100",
    "city": "Montreuil",
}
RECEIPTS = {
    "quality": "GENERAL_INTEREST",
    "articles": "200",
    "signatory_name": "Armand Dos Santos",
    "signatory_office": "président",
}
WELL = {
    "title": "Un puits pour Koudougou",
    "story": "Trois cents familles marchent deux heures pour de l’eau. Avec ce puits, elle est au village.",
    "hashtag": "puits",
    "goal": "150",
}
SEEDS = {
    "title": "Des graines pour trente potagers",
    "story": "Trente familles sèment avant les pluies, ou attendent un an : d’où tout ou rien.",
    "hashtag": "potagers",
    "goal": "200",
    "is_all_or_nothing": "on",
}
TRUCK = {
    "title": "Un camion-citerne",
    "story": "Il porte l’eau que nous payons aujourd’hui à la course. Ce que nous économisons le rembourse.",
    "goal": "400",
    "rate": "2,5",
    "term_months": "12",
}
SHIRT = {
    "title": "T-shirt «\u00a0De l’eau\u00a0»",
    "code": "TSHIRT42",
    "description": "Coton biologique, imprimé à Nantes.",
    "price": "18",
    "shipping_fee": "4,50",
    "variant": "M",
    "pieces": "12",
    "is_shipped": "on",
}
MUG = {
    "title": "Mug émaillé",
    "code": "MUG7",
    "description": "À retirer rue de Paris, du lundi au vendredi.",
    "price": "8",
    "pieces": "2",
}
POT = {"title": "Le départ de Tom", "story": "Un vélo pour aller loin. Merci à vous !", "goal": "120"}
HOME = {"name": "Léa Petit", "street": "12 rue des Lilas", "postcode": "38000", "city": "Grenoble"}
ACTIONS = {
    "campaign": "/give/",
    "all or nothing": "/give/",
    "loan": "/lend/",
    "shop": "/order/",
    "money pot": "/contribute/",
}
# Who gives what; few orders each, as people do who are no machine.
GIVEN: dict[str, list[tuple[str, dict[str, str]]]] = {
    "claire": [
        ("campaign", {"amount": "20", "rhythm": "once", "shown": "named", "message": "Bon courage !"}),
        ("loan", {"amount": "20", "risk": "on"}),
        ("money pot", {"amount": "10", "message": "Bonne route, Tom !"}),
    ],
    "lea": [
        ("campaign", {"amount": "5", "rhythm": "monthly", "shown": "anonymous"}),
        ("all or nothing", {"amount": "15", "rhythm": "once", "shown": "named"}),
        ("shop", HOME),
    ],
}


@dataclass(frozen=True)
class Guides:
    """Who makes it: the demo's members, and the two of staff who look at what the charity asks."""

    claire: Person
    armand: Person
    lea: Person
    reviewer: Reviewer
    second: Reviewer


@dataclass(frozen=True)
class Thing:
    """Something that was made: its path, and whether it was made just now."""

    path: str
    is_new: bool = True


def begin(guides: Guides) -> dict[str, str]:
    """Make what is not there yet; what there is, and the paths of its pages."""
    with ThreadPoolExecutor() as pool:
        ready = [pool.submit(_say_where_receipts_go, guides.claire), pool.submit(_load, guides.lea)]
        desk = _founded(guides.armand)
        for each in ready:
            each.result()
        _accept(guides, desk)
        pot = pool.submit(_made, guides.lea, "/pots/", POT, new="open/", closes_on=_in_days(14))
        things = _offers(guides.armand, desk) | {"money pot": pot.result()}
        _allow(guides, things["loan"])
        new = {name: thing.path for name, thing in things.items() if thing.is_new}
        for each in [pool.submit(_give, guides, name, new) for name in GIVEN]:
            each.result()
    public = desk.replace("/organisations/", "/o/")
    about = {"charity": CHARITY, "owner": guides.armand.name, "desk": desk, "public page": public}
    return about | {name: thing.path for name, thing in things.items()}


def known(lines: Iterable[Mapping[str, object]]) -> Mapping[str, object] | None:
    """The line of the tour, among those of everybody."""
    return next((line for line in lines if "charity" in line), None)


def order(person: Person, path: str, action: str, **said: str) -> str:
    """Fill in the form of a page that asks for money, and confirm the order; its reference.

    :raises Disappointed: if it is not paid
    """
    page = person.open(path)
    page = person.browser.submit(page, page.form(action=action), **said)
    found = re.search(r"/orders/([0-9A-Z]{8})/confirm/", page.url)
    if not found:
        raise Disappointed(f"{path} made no order ({page.status}): {page.text[:400]}")
    paid = person.confirm(found[1])
    if not paid.url.endswith("/paid/"):
        raise Disappointed(f"{path}: {found[1]} was not paid: {paid.text[:400]}")
    return found[1]


# --- The charity ------------------------------------------------------------------------------


def _founded(owner: Person) -> str:
    """The path of its desk: signed up, its documents sent."""
    if listed := _listed(owner, "/organisations/", CHARITY):
        return listed
    page = owner.open("/organisations/new/")
    page = owner.browser.submit(page, page.form("name", "rna"), **FACTS)
    picture = (place.ROOT / "static" / "img" / "icon-192.png").read_bytes()
    page = owner.browser.attach(page, page.own_form(), document=("statuts.png", picture))
    owner.browser.submit(page, page.form(action="/documents/send/"))
    return urlsplit(page.url).path.removesuffix("documents/")


def _accept(guides: Guides, desk: str) -> None:
    """Staff look at its documents; then its X account is linked."""
    page = guides.armand.open(desk)
    if "data-balance" not in page.html:
        guides.reviewer.sign_in()
        dossier = guides.reviewer.find("accounts/dossier", CHARITY)
        guides.reviewer.do(dossier, "open", reason="Les statuts sont arrivés.")
        guides.reviewer.do(dossier, "accept")
        page = guides.armand.open(desk)
    if not page.says(f"@{HANDLE}"):
        browser = guides.armand.browser
        page = browser.submit(page, page.form(action="/x_account/organisations/"))
        browser.submit(page, page.form("person"), press="authorize", person=_number_of(page))


def _number_of(page: Page) -> str:
    """The charity's number on X, among the people whom the page of consent offers."""
    for label in page.html.split("<label")[1:]:
        number = re.search(r'name="person" value="([0-9]+)"', label)
        if number and f"<small>@{HANDLE}</small>" in label:
            return number[1]
    raise Disappointed(f"X knows no @{HANDLE}.")


def _offers(owner: Person, desk: str) -> dict[str, Thing]:
    """What it collects, borrows and sells; and it asks to issue tax receipts."""
    campaigns, loans, products = (f"{desk}{each}/" for each in ("campaigns", "loans", "products"))
    loan = _made(owner, loans, TRUCK, deadline=_in_days(30))
    things = {
        "campaign": _made(owner, campaigns, WELL, last_day=_in_days(60)),
        "all or nothing": _made(owner, campaigns, SEEDS, last_day=_in_days(20)),
        "loan": Thing(loan.path.replace(loans, "/l/"), loan.is_new),
    }
    for name, facts in (("shop", SHIRT), ("last pieces", MUG)):
        things[name] = Thing(f"/buy/{facts['code']}/", _made(owner, products, facts).is_new)
    if things["shop"].is_new:
        page = owner.open(f"{products}{SHIRT['code']}/")
        owner.browser.submit(page, page.form("name", action="/variants/"), name="L", pieces="3")
    page = owner.open(f"{desk}receipts/settings/")
    owner.browser.submit(page, page.own_form(), **RECEIPTS)
    return things


def _allow(guides: Guides, loan: Thing) -> None:
    """Staff open the loan to lenders; two of them allow the receipts."""
    if loan.is_new:
        guides.reviewer.sign_in()
        guides.second.sign_in()
        slug = loan.path.rstrip("/").rsplit("/", 1)[1]
        guides.reviewer.do(guides.reviewer.find("giving/loan", slug), "accept", reason="Lu, et solide.")
        issuer = guides.reviewer.find("giving/receiptissuer", CHARITY)
        guides.reviewer.do(
            issuer, "allow", reason="Statuts et rescrit lus.", since=f"{_in_days(0)[:4]}-01-01"
        )
        guides.second.do(guides.second.find("payments/proposal", guides.reviewer.name), "approve")


# --- What the members do ------------------------------------------------------------------------


def _say_where_receipts_go(giver: Person) -> None:
    """So that her gifts have tax receipts by themselves."""
    page = giver.open("/gifts/receipts/address/")
    where = {"street": "4 quai de la Fosse", "postcode": "44000", "city": "Nantes", "rhythm": "EACH"}
    giver.browser.submit(page, page.own_form(), name=giver.name, **where)


def _load(person: Person) -> None:
    if person.balance() == "0":
        person.register_card()
        person.load("60")
        until(lambda: person.balance() != "0", f"{person.name}’s wallet was not loaded")


def _give(guides: Guides, giver: str, new: dict[str, str]) -> None:
    """Give, lend and buy, one after the other, from what was made just now."""
    for name, said in GIVEN[giver]:
        if name in new:
            order(getattr(guides, giver), new[name], ACTIONS[name], **said)


def _made(person: Person, among: str, facts: dict[str, str], *, new: str = "new/", **more: str) -> Thing:
    """What a list of theirs shows by its title, or what its form makes.

    :raises Disappointed: if it does not
    """
    if listed := _listed(person, among, facts["title"]):
        return Thing(listed, is_new=False)
    page = person.open(among + new)
    page = person.browser.submit(page, page.own_form(), **facts, **more)
    path = urlsplit(page.url).path
    if path == among + new:
        raise Disappointed(f"{path} did not make {facts['title']}: {page.text[:400]}")
    return Thing(path)


def _listed(person: Person, among: str, title: str) -> str:
    """Where a list of theirs leads by that title, or nothing."""
    found = re.search(rf'href="([^"]+)">{re.escape(title)}<', person.open(among).html)
    return found[1] if found else ""


def _in_days(days: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(time.time() + days * 86_400))
