"""A browser without a window: opens pages, fills in forms, follows links and redirects, keeps cookies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_SECONDS = 30
TEXT_LIKE = frozenset({"text", "date", "tel", "password", "email", "search", "number", "hidden", "url"})


class NotThere(Exception):
    """The page has no such form, link or words."""


@dataclass
class Form:
    """A form of a page: where it goes, and what would be sent."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """A page that was opened."""

    url: str
    status: int
    html: str
    forms: list[Form]
    links: dict[str, str]
    text: str

    def form(self, *names: str, action: str = "") -> Form:
        """The first form with these fields, whose address contains `action`.

        :raises NotThere: if the page has none
        """
        for form in self.forms:
            if action in form.action and set(names) <= form.fields.keys():
                return form
        raise NotThere(f"{self.url} ({self.status}) has no form with {names or action}: {self.text[:400]}")

    def own_form(self) -> Form:
        """The form that is sent to the address of the page itself.

        :raises NotThere: if the page has none
        """
        for form in self.forms:
            if not form.action and form.method == "post":
                return form
        raise NotThere(f"{self.url} ({self.status}) has no form of its own: {self.text[:400]}")

    def says(self, *words: str) -> bool:
        """Whether the page's text contains all of the words, whatever spaces are in them."""
        return all(_plain(word) in self.text for word in words)


class Browser:
    """One person's browser."""

    def __init__(self, language: str = "fr") -> None:
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = language
        self.session.headers["User-Agent"] = "Mozilla/5.0 (S-Money journey)"

    def open(self, url: str) -> Page:
        return _read(self.session.get(url, timeout=TIMEOUT_SECONDS))

    def attach(self, page: Page, form: Form, **files: tuple[str, bytes]) -> Page:
        """Send the form with files: for each field, the name and what is in it."""
        target, headers = self._from(page, form)
        answer = self.session.post(
            target, data=form.fields, files=files, headers=headers, timeout=TIMEOUT_SECONDS
        )
        return _read(answer)

    def submit(self, page: Page, form: Form, press: str = "", **values: str) -> Page:
        """Send the form as a browser does: its hidden fields, the button `press`, the page as referrer."""
        pressed = {form.buttons[press]: press} if press else {}
        data = form.fields | pressed | values
        target, headers = self._from(page, form)
        if form.method == "get":
            return _read(self.session.get(target, params=data, timeout=TIMEOUT_SECONDS))
        return _read(self.session.post(target, data=data, headers=headers, timeout=TIMEOUT_SECONDS))

    def _from(self, page: Page, form: Form) -> tuple[str, dict[str, str]]:
        """Where the form goes, and the headers that say from which page."""
        headers = {"Referer": page.url, "Origin": re.sub(r"(https?://[^/]+).*", r"\1", page.url)}
        return urljoin(page.url, form.action), headers


def _read(response: requests.Response) -> Page:
    reader = _Reader()
    reader.feed(response.text)
    text = " ".join(_plain("".join(reader.words)).split())
    return Page(response.url, response.status_code, response.text, reader.forms, reader.links, text)


def _plain(text: str) -> str:
    """With spaces that may break."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


class _Reader(HTMLParser):
    """Gathers the forms, links and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.words: list[str] = []
        self._inside: list[str] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._form = Form(attributes.get("action", ""), attributes.get("method", "get").lower())
                self.forms.append(self._form)
            case "input" | "textarea" | "button" | "select" | "option":
                self._control(tag, attributes)
            case "a" if "href" in attributes:
                self.links[attributes["href"]] = attributes["href"]
            case "script" | "style":
                self._inside.append(tag)
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in self._inside:
            self._inside.remove(tag)
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)

    def _control(self, tag: str, attributes: dict[str, str]) -> None:
        """Note what the control would send; buttons send nothing unless they are pressed."""
        if self._form is None:
            return
        name = attributes.get("name", "")
        kind = attributes.get("type", "text")
        is_chosen = "checked" in attributes or kind in TEXT_LIKE
        if tag == "button" and name:
            self._form.buttons[attributes.get("value", "")] = name
        elif tag == "select":
            self._select = name
        elif (
            tag == "option"
            and self._select
            and ("selected" in attributes or self._select not in self._form.fields)
        ):
            self._form.fields[self._select] = attributes.get("value", "")
        elif (tag == "textarea" or (tag == "input" and is_chosen)) and name:
            self._form.fields[name] = attributes.get("value", "")
