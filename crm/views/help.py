"""Help: pages in the reader's language, written as templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe


@dataclass(frozen=True)
class HelpPage:
    """One page of help; its words lie in `templates/help/<language>/<name>.html`."""

    name: str
    icon: str
    title: Any
    text: Any


PAGES = [
    HelpPage(
        "day", "sun-high", gettext_lazy("My day, tasks and calendar"), gettext_lazy("What to do now, and times as you would say them.")
    ),
    HelpPage(
        "clients",
        "address-book",
        gettext_lazy("Contacts and companies"),
        gettext_lazy("How to reach people, tags, consent, and their roles in deals."),
    ),
    HelpPage(
        "messages",
        "message",
        gettext_lazy("Timeline and inquiries"),
        gettext_lazy("Notes, calls, messages, files, and who waits for an answer."),
    ),
    HelpPage("board", "layout-kanban", gettext_lazy("The board"), gettext_lazy("Moving deals, adding them, finding them, undoing.")),
    HelpPage(
        "lists", "table", gettext_lazy("Lists, filters and views"), gettext_lazy("Finding the right records, and keeping the way to them.")
    ),
    HelpPage("figures", "chart-funnel", gettext_lazy("How figures are counted"), gettext_lazy("Each figure in plain words.")),
    HelpPage("rights", "eye", gettext_lazy("Who sees what"), gettext_lazy("Reps, managers, admins, and what each may do.")),
    HelpPage("keys", "keyboard", gettext_lazy("Keys"), gettext_lazy("Everything without a mouse.")),
    HelpPage("settings", "settings", gettext_lazy("Settings"), gettext_lazy("Stages, pipelines, lists and the organisation.")),
    HelpPage("data", "upload", gettext_lazy("Import and API"), gettext_lazy("Bringing a history in, and speaking to other programs.")),
]
HEADING = re.compile(r'<h2 id="([a-z-]+)">(.*?)</h2>')


@require_safe
@login_required
def show_help(request: HttpRequest) -> HttpResponse:
    """What there is to read."""
    return render(request, "help/index.html", {"pages": PAGES})


@require_safe
@login_required
def show_help_page(request: HttpRequest, name: str) -> HttpResponse:
    """One page, in the reader's language."""
    page = next((page for page in PAGES if page.name == name), None)
    if page is None:
        raise Http404
    language = "ru" if (get_language() or "").startswith("ru") else "en"
    article = render_to_string(f"help/{language}/{name}.html", request=request)
    sections = [{"id": anchor, "title": title} for anchor, title in HEADING.findall(article)]
    return render(request, "help/page.html", {"page": page, "pages": PAGES, "article": article, "sections": sections})
