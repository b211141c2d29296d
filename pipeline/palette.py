"""What the search offers besides records: a new deal."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import User
from crm.searching import Action


def commands(user: User) -> list[Action]:
    """Everyday things to do."""
    return [Action(gettext_lazy("New deal"), f"{reverse('board')}#new", "plus", gettext_lazy("add create deal sale"))]


def new_deals(text: str, user: User) -> list[Action]:
    """A deal of the name that nothing has yet; the field on the board opens with it, amounts are read there."""
    return [Action(_("New deal “%(name)s”") % {"name": text}, f"{reverse('board')}#new={quote(text)}", "briefcase")]
