"""`expand[]`: ids in an answer are replaced by the objects that they name."""

from __future__ import annotations

from typing import Any

from sandbox.processor import problems, shapes


def expand(body: Any, path: str) -> None:
    """Replace what the dotted path names, in each member where it goes through a list.

    :raises Refused: if the path names nothing that can be expanded
    """
    head, _, rest = path.partition(".")
    if isinstance(body, list):
        for member in body:
            expand(member, path)
        return
    if not isinstance(body, dict) or head not in body:
        words = f"This property cannot be expanded ({head})."
        raise problems.Refused(words, code="property_cannot_be_expanded", param="expand")
    if isinstance(body[head], str):
        body[head] = _resolve(body[head])
    if rest and body[head] is not None:
        expand(body[head], rest)


def _resolve(id: str) -> shapes.Shape:
    prefix = id.partition("_")[0]
    if prefix not in shapes.BY_PREFIX:
        raise problems.Refused(f"This property cannot be expanded ({id}).", param="expand")
    model, shape = shapes.BY_PREFIX[prefix]
    return shape(model.objects.get(pk=id))
