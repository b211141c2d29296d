"""Tags among the settings: how many carry each, renaming, colouring, putting two together, deleting."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.errors import Refused
from crm.field_editing import read_id
from crm.forms.tags import TagForm
from crm.lists.kinds import list_kinds
from crm.models import Job, Tag, TagChange
from crm.queries.tags import MANY, alike_tags, count_tagged, counted_tags
from crm.services.tag_changes import TAGS, delete_tag, edit_tag, latest_changes, merge_tags, undo_tag_change, views_naming
from crm.templatetags.display import number
from crm.views.admins import for_admins
from crm.views.jobs import shown

MAX_TEXT, MAX_ALIKE = 40, 20


@for_admins
@require_safe
def show_tags(request: HttpRequest) -> HttpResponse:
    """The list, and those that look like one: `q`, `after`."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:MAX_TEXT]
    page = counted_tags(text=text, after=request.GET.get("after", ""))
    job = Job.objects.visible_to(request.user).open().filter(kind=TAGS).first()
    parts = {"page": page, "text": text, "job": shown(job) if job else None}
    parts["rows"] = [(row.tag, shares(row.tag.name, row.counts)) for row in page.rows]
    parts["alike"] = [] if text or page.is_further else alike_tags()
    parts["changes"] = [] if page.is_further else latest_changes()
    return render(request, "settings/tags.html", parts)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_tag(request: HttpRequest, tag_id: int) -> HttpResponse:
    """One tag: its name and colour, the way into another, and out."""
    tag = get_object_or_404(Tag, pk=tag_id)
    before = tag.name
    form = TagForm(request.POST or None, initial={"name": tag.name, "colour": tag.colour})

    def save() -> tuple[Tag, TagChange | None]:
        return edit_tag(tag_id=tag_id, by=request.user, name=form.cleaned_data["name"], colour=form.cleaned_data["colour"])

    if done := form.carry_out(save):
        _tag, change = done
        _say(request, change, _("“%(name)s” is now “%(into)s”") % {"name": before, "into": change.into} if change else _("Saved"))
        return redirect("settings_tags")
    parts = {
        "form": form,
        "tag": tag,
        "name": before,
        "shares": shares(before, count_tagged([before])[before]),
        "others": Tag.objects.exclude(pk=tag_id).values_list("name", flat=True),
        "views": views_naming(before),
    }
    return render(request, "settings/tag.html", parts, status=form.status)


@for_admins
@require_POST
def tag_merge(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Put it into another: `into`, by id or by name."""
    asked = request.POST.get("into", "").replace("\0", "").strip()
    into = Tag.objects.filter(pk=read_id(request.POST.get("into_id", ""))).first() or Tag.objects.filter(name__iexact=asked).first()
    if into is None:
        raise Refused(_("There is no tag “%(name)s”. Choose one from the list.") % {"name": asked[:MAX_TEXT]})
    change = merge_tags(tag_id=tag_id, into_id=into.pk, by=request.user)
    _say(request, change, _("“%(name)s” is now “%(into)s”") % {"name": change.name, "into": change.into})
    return redirect("settings_tags")


@for_admins
@require_POST
def tags_union(request: HttpRequest) -> HttpResponse:
    """Of several that look like one, all others go into the one that is kept: `tag` of each, `keep`."""
    keep = read_id(request.POST.get("keep", ""))
    for tag_id in sorted({read_id(text) for text in request.POST.getlist("tag")[:MAX_ALIKE]} - {keep}):
        change = merge_tags(tag_id=tag_id, into_id=keep, by=request.user)
        _say(request, change, _("“%(name)s” is now “%(into)s”") % {"name": change.name, "into": change.into})
    return redirect("settings_tags")


@for_admins
@require_POST
def tag_deletion(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Take it off everything."""
    change = delete_tag(tag_id=tag_id, by=request.user)
    _say(request, change, _("Deleted: %(name)s") % {"name": change.name})
    return redirect("settings_tags")


@for_admins
@require_POST
def tag_change_undoing(request: HttpRequest, change_id: int) -> HttpResponse:
    """As it was before."""
    change = undo_tag_change(change_id=change_id, by=request.user)
    messages.success(request, _("Back again: %(name)s") % {"name": change.name})
    return redirect("settings_tags")


def shares(name: str, counts: dict[str, int]) -> list[tuple[str, str, str]]:
    """The lists of what carries a tag: what each is called, how many there are, and its address; none for none."""
    found = []
    for kind in list_kinds():
        if count := counts.get(kind.key):
            asked = json.dumps({"all": [{"field": "tags", "op": "has_any", "value": [name]}]}, ensure_ascii=False)
            text = _("%(number)s and more") % {"number": number(MANY)} if count >= MANY else number(count)
            found.append((str(kind.words.title), text, f"{reverse(kind.url_name)}?{urlencode({'filter': asked})}"))
    return found


def _say(request: HttpRequest, change: TagChange | None, words: str) -> None:
    """What happened, how many saved views follow, and the way back."""
    if change and (follow := len(change.views)):
        words += ". " + ngettext("%(count)d saved view follows.", "%(count)d saved views follow.", follow) % {"count": follow}
    if change and not change.finished_at:
        words += ". " + _("Records follow in the background.")
    messages.success(request, words, extra_tags=reverse("tag_change_undoing", args=[change.pk]) if change and change.finished_at else "")
