"""What is said of a refused secret code: how many tries are left, never which part was wrong."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts import codes
from payments import reasons

REFUSED = (codes.WrongCode, codes.CodeLocked, codes.NoCode)


def refusal(problem: codes.WrongCode | codes.CodeLocked | codes.NoCode) -> str:
    if not isinstance(problem, codes.WrongCode):
        return _("Your secret code is locked. Unlock it in your settings.")
    return reasons.wrong_code(problem.tries_left)
