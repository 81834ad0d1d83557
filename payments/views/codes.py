"""What is said of a refused secret code: how many tries are left, never which part was wrong."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts import codes


def refusal(problem: codes.WrongCode | codes.CodeLocked | codes.NoCode) -> str:
    if not isinstance(problem, codes.WrongCode):
        return _("Your secret code is locked. Unlock it in your settings.")
    if problem.tries_left == 0:
        return _("Wrong code. It is locked now: unlock it in your settings.")
    if problem.tries_left == 1:
        return _("Wrong code. One more wrong code locks it.")
    return _("Wrong code. %(left)s tries are left.") % {"left": problem.tries_left}
