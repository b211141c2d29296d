"""What an act on many records asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.custom_values import ValueField, custom_inputs
from crm.models import Tag, User
from crm.models.tags import MAX_TAG

NOBODY = "0"
Inputs = Callable[[User], dict[str, forms.Field]]


class BulkForm(forms.Form):
    """A form whose `values` a bulk change keeps: plain ones, as JSON has them."""

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class OwnerForm(BulkForm):
    """Whom the records go to."""

    owner = forms.ChoiceField(label=gettext_lazy("Owner"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.active().order_by("name", "pk")
        self.fields["owner"].choices = [("", "–"), *((str(one.pk), str(one)) for one in people), (NOBODY, _("Nobody"))]  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        return {"owner": int(self.cleaned_data["owner"]) or None}


class TagForm(BulkForm):
    """A tag to put on or to take off; those that there are are suggested."""

    tag = forms.CharField(
        label=gettext_lazy("Tag"), max_length=MAX_TAG, widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tag-list"})
    )

    sign = "add"

    @property
    def values(self) -> dict[str, Any]:
        return {f"{self.sign}-tag": self.cleaned_data["tag"]}

    @property
    def suggestions(self) -> list[str]:
        """Tags by name, for the list of suggestions; one query."""
        return list(Tag.objects.values_list("name", flat=True)[:500])


class UntagForm(TagForm):
    """A tag to take off."""

    sign = "remove"


class FieldForm(BulkForm):
    """One field and its new value: `inputs` gives the built-in fields of the kind, custom ones join them."""

    kind = ""
    field = forms.ChoiceField(label=gettext_lazy("Field"), widget=forms.Select(attrs={"data-many-field": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.inputs(self.viewer) | custom_inputs(self.kind)
        choices = [(name, str(field.label)) for name, field in known.items()]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]
        asked = (self.data.get("field") if self.is_bound else self.initial.get("field")) or ""
        name = asked if asked in known else next(iter(known), "")
        if name:
            self.initial["field"] = name
            known[name].required = isinstance(known[name], ValueField) and known[name].required
            known[name].widget.attrs.setdefault("class", "input")
            self.fields[name] = known[name]

    def inputs(self, viewer: User) -> dict[str, forms.Field]:
        """The built-in fields."""
        return {}

    @property
    def values(self) -> dict[str, Any]:
        name = self.cleaned_data["field"]
        value = self.cleaned_data.get(name)
        field = self.fields[name]
        if isinstance(field, ValueField):
            return {"custom": {field.custom.key: value}}
        return {name: value.isoformat() if hasattr(value, "isoformat") else value}
