"""A secret address as an admin makes it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Channel, InboundHook, Team


class HookForm(forms.Form):
    """Its name, what comes through it, and whose it is."""

    name = forms.CharField(
        label=_("Name"),
        max_length=InboundHook._meta.get_field("name").max_length,
        help_text=_("Where it is used: contact form, chat on the site…"),
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.FORM)
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.all(),
        required=False,
        empty_label=_("No team: managers and admins"),
        help_text=_("A sender whom nobody knows becomes a contact of this team that nobody owns yet."),
    )
