"""Portraits drawn from a person's number: always the same, and nobody's photograph."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import escape
from django.views.decorators.http import require_safe

from sandbox.x.models import Person

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="{label}">
<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="hsl({hue} 62% 52%)"/><stop offset="1" stop-color="hsl({other} 66% 36%)"/>
</linearGradient></defs>
<rect width="96" height="96" fill="url(#g)"/>
<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" opacity=".13"/>
<text x="48" y="50" fill="#fff" font-family="system-ui,sans-serif" font-size="36" font-weight="600"
 text-anchor="middle" dominant-baseline="central">{initials}</text>
</svg>"""


@require_safe
def picture(_request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    svg = draw(person.pk, person.name)
    return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": "max-age=300"})


def draw(number: int, name: str) -> str:
    seed = hashlib.sha256(str(number).encode()).digest()
    hue = int.from_bytes(seed[:2]) % 360
    words = [word for word in name.split() if word[0].isalnum()] or [name or "?"]
    initials = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return _SVG.format(
        label=escape(name),
        hue=hue,
        other=(hue + 35 + seed[2] % 40) % 360,
        x=seed[3] % 97,
        y=seed[4] % 97,
        r=24 + seed[5] % 32,
        initials=escape(initials.upper()),
    )
