"""How X reads a text: mentions, hashtags, links and weighted length, by the rules of twitter-text 3.

Positions count code points, in the text as the API gives it: HTML-escaped, links shortened.
https://github.com/twitter/twitter-text/tree/master/rb (regexes and configuration version 3)
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_WEIGHT = 280
LONGEST = 25_000  # weight of a long post
LINK_WEIGHT = 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # weigh 1, all else 2

_LATIN_ACCENTS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0100-\u024f\u0253-\u0254\u0256-\u0257\u0300-\u036f\u1e00-\u1eff"
)
_MENTION = re.compile(
    r"(?:^|(?<=[^a-zA-Z0-9_!#$%&*@＠])|(?:(?<=^)|(?<=[^a-zA-Z0-9_+~.\-]))[rR][tT]:?)"
    r"(?P<whole>[@＠](?P<name>[a-zA-Z0-9_]{1,20}))(?:(?P<list>/[a-zA-Z][a-zA-Z0-9_\-]{0,24}+)|(?!/[a-zA-Z]))"
    rf"(?![@＠{_LATIN_ACCENTS}]|://)"
)
_HASHTAG = re.compile(
    r"(?:^|(?<=[^\w&]))(?P<whole>[#＃](?![\ufe0f\u20e3])(?P<name>[\w\u0300-\u036f·]++))(?![#＃]|://)"
)
_CASHTAG = re.compile(
    r"(?:^|(?<=\s))(?P<whole>\$(?P<name>[a-zA-Z]{1,6}(?:[._][a-zA-Z]{1,2})?))(?=$|\s|[!-#%-/:-@\[-`{-~])"
)
_LINK = re.compile(r"(?<![\w@＠$#＃./-])https?://[^\s<>\"']*[\w/#=&%+-]", re.IGNORECASE)
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
    "(?:\u200d[\u2640-\u27bf\U0001f000-\U0001faff](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?)*)"
)


@dataclass(frozen=True)
class Rendered:
    """A text as the API gives it."""

    text: str
    entities: dict[str, list[dict[str, Any]]]


def weight(text: str) -> int:
    """The weighted length: 280 is the most that an ordinary post may have."""
    return sum(_weight_of(piece) for piece in _pieces(unicodedata.normalize("NFC", text)))


def names(text: str) -> list[str]:
    """The handles that a text names, each once, in small letters, whether or not somebody has them."""
    found = (match["name"].lower() for match in _mentions(_without_links(text)))
    return list(dict.fromkeys(found))


def render(text: str, people: Mapping[str, int]) -> Rendered:
    """The text and its entities. Only the handles in `people` (small letters → id) are somebody's."""
    links = list(_LINK.finditer(text))
    shown, urls = _shorten(text, links)
    bare = _blank(shown, urls)
    entities = {
        "mentions": [
            _span(match) | {"username": match["name"], "id": str(people[match["name"].lower()])}
            for match in _mentions(bare)
            if match["name"].lower() in people
        ],
        "hashtags": [_span(match) | {"tag": match["name"]} for match in _hashtags(bare)],
        "cashtags": [_span(match) | {"tag": match["name"]} for match in _CASHTAG.finditer(bare)],
        "urls": urls,
    }
    return Rendered(shown, {kind: found for kind, found in entities.items() if found})


def shortened(url: str) -> str:
    return f"https://t.co/{hashlib.sha256(url.encode()).hexdigest()[:10]}"


def truncate(text: str, *, most: int) -> str:
    """The longest beginning of weight `most` or less."""
    total, kept = 0, []
    for piece in _pieces(text):
        total += _weight_of(piece)
        if total > most:
            break
        kept.append(piece)
    return "".join(kept)


def _pieces(text: str) -> Iterator[str]:
    """Cut into what is weighed as one: a link, an emoji, a character."""
    position = 0
    while position < len(text):
        match = _LINK.match(text, position) or _EMOJI.match(text, position)
        end = match.end() if match else position + 1
        yield text[position:end]
        position = end


def _weight_of(piece: str) -> int:
    if _LINK.fullmatch(piece):
        return LINK_WEIGHT
    if len(piece) > 1:
        return 2  # an emoji, however many code points it is made of
    return 1 if any(first <= ord(piece) <= last for first, last in LIGHT) else 2


def _mentions(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _MENTION.finditer(text) if not match["list"])


def _hashtags(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _HASHTAG.finditer(text) if any(c.isalpha() for c in match["name"]))


def _span(match: re.Match[str]) -> dict[str, Any]:
    return {"start": match.start("whole"), "end": match.end("whole")}


def _without_links(text: str) -> str:
    return _LINK.sub(lambda match: " " * len(match[0]), text)


def _shorten(text: str, links: list[re.Match[str]]) -> tuple[str, list[dict[str, Any]]]:
    """Escape the text and put t.co addresses for its links, which are told apart as entities."""
    shown, urls, position = "", [], 0
    for link in links:
        shown += _escape(text[position : link.start()])
        short = shortened(link[0])
        start, position = len(shown), link.end()
        shown += short
        display = link[0].split("://", 1)[1].removeprefix("www.")
        urls.append(
            {"start": start, "end": len(shown), "url": short, "expanded_url": link[0], "display_url": display}
        )
    return shown + _escape(text[position:]), urls


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _blank(text: str, urls: list[dict[str, Any]]) -> str:
    """The text with spaces in place of links and escapes, so that nothing is found in them."""
    for url in urls:
        text = text[: url["start"]] + " " * (url["end"] - url["start"]) + text[url["end"] :]
    return re.sub(r"&(?:amp|lt|gt);", lambda match: "&" * len(match[0]), text)


def marks(text: str, people: Mapping[str, int]) -> list[tuple[int, int, str]]:
    """What a page marks in the text as typed: start, end, and where it leads (nowhere, for a hashtag)."""
    bare = _without_links(text)
    found = [(*link.span(), link[0]) for link in _LINK.finditer(text)]
    found += [(*match.span("whole"), "") for match in _hashtags(bare)]
    found += [
        (*match.span("whole"), f"/x/{match['name']}")
        for match in _mentions(bare)
        if match["name"].lower() in people
    ]
    return sorted(found)
