"""What the database does not let happen, said by the domain's own exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction


@contextmanager
def kept(name: str, *, otherwise: type[Exception]) -> Iterator[None]:
    """All of what is done within, or nothing, and `otherwise`, if that breaks the constraint of that name.

    Inside a transaction, what was done before stands.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        diagnosis = getattr(problem.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) == name:
            raise otherwise from problem
        raise
