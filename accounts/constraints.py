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
        if broken(problem) == name:
            raise otherwise from problem
        raise


def broken(problem: IntegrityError) -> str:
    """The constraint's name, as PostgreSQL has it: the message repeats the row, which is anybody's words."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
