"""What a pot says of whoever opened it, forgotten with them: a step of `payments.erasures`.

What people wrote when they gave is their order's note, which `payments.forgetting` empties.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from giving.models import Pot
from payments.erasures import Obstacle
from payments.forgetting import Traces

OBSTACLES = {
    "giving_pot p WHERE p.organiser_id = %(user)s AND p.status = 'OPEN'": Obstacle(
        _("A money pot of yours is open. Close it first, or give everybody their money back."), "pots"
    ),
}


def forget(traces: Traces) -> bool:
    """Empty its words, and with them its page is gone."""
    Pot.objects.filter(organiser=traces.user).exclude(title="", story="").update(title="", story="")
    return False
