"""What the search offers besides records: the pages of the shell, what can be added, signing out."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.context import MAIN
from crm.lists.asked import View
from crm.lists.kinds import list_kinds, standard_views
from crm.models import SavedView, User
from crm.searching import Action
from crm.settings_pages import all_pages
from crm.views.help import PAGES


def commands(user: User) -> list[Action]:
    """Everyday things to do."""
    return [
        Action(gettext_lazy("New contact"), reverse("new_contact"), "user-plus", gettext_lazy("add create person")),
        Action(gettext_lazy("New company"), reverse("new_company"), "plus", gettext_lazy("add create organisation")),
        Action(gettext_lazy("Duplicates"), reverse("duplicates"), "copy", gettext_lazy("merge same twice")),
        Action(gettext_lazy("Deleted"), reverse("deleted"), "trash", gettext_lazy("bin trash restore undo")),
    ]


def places(user: User) -> list[Action]:
    """Pages to go to."""
    main = [Action(label, url, icon) for name, icon, label, *_phone in MAIN if (url := _address(name))]
    mine = [Action(gettext_lazy("Profile and password"), reverse("profile"), "user", gettext_lazy("account language settings"))]
    help_pages = [Action(page.title, reverse("help_page", args=[page.name]), page.icon, gettext_lazy("help")) for page in PAGES]
    settings = [Action(page.title, page.url, page.icon, gettext_lazy("settings")) for page in all_pages()] if user.is_admin else []
    out = [Action(gettext_lazy("Sign out"), reverse("account_logout"), "logout", gettext_lazy("log out exit quit leave"), form="sign-out")]
    return [*main, *settings, *mine, *help_pages, *out]


def views(user: User) -> list[Action]:
    """The views of every list, everybody's and one's own and the shared ones. One query."""
    kinds = {kind.key: kind for kind in list_kinds()}
    looks = [(kind, view.layout, view.key, view.name) for kind in kinds.values() for view in standard_views(kind.key)]
    saved = SavedView.objects.visible_to(user).filter(kind__in=kinds)
    looks += [(kinds[view.kind], view.layout, str(view.pk), view.name) for view in saved]
    words = gettext_lazy("view segment filter")
    return [
        Action(format_lazy("{}: {}", kind.words.title, name), View.address(kind, layout, ref), kind.icon, words)
        for kind, layout, ref, name in looks
    ]


def _address(name: str) -> str:
    """Where a page of the navigation is; none where the app that brings it is not there."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def new_clients(text: str, user: User) -> list[Action]:
    """A contact or company of the name that nothing has yet."""
    query = urlencode({"name": text})
    return [
        Action(_("New contact “%(name)s”") % {"name": text}, f"{reverse('new_contact')}?{query}", "user-plus"),
        Action(_("New company “%(name)s”") % {"name": text}, f"{reverse('new_company')}?{query}", "building"),
    ]
