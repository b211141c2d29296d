"""Sign-in, passwords and the own profile."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import ReauthenticateForm as BaseReauthenticateForm
from allauth.account.forms import ResetPasswordForm as BaseResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as BaseResetPasswordKeyForm
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User


class LoginForm(BaseLoginForm):
    """E-mail and password, under plain names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "placeholder": "", "autofocus": True})
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["placeholder"] = ""

    def add_prefix(self, field_name: str) -> str:
        """The field is called `email` on the page."""
        return super().add_prefix("email" if field_name == "login" else field_name)


class ResetPasswordForm(BaseResetPasswordForm):
    """Whose password is to be new."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs.update({"placeholder": "", "autocomplete": "username", "autofocus": True})


class ReauthenticateForm(BaseReauthenticateForm):
    """The password of whoever is signed in already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.update({"placeholder": "", "autofocus": True})


class NewPassword:
    """The two fields of a new password, with one line of help instead of a list."""

    fields: dict[str, forms.Field]

    def dress(self) -> None:
        for field in self.fields.values():
            field.widget.attrs["placeholder"] = ""
            field.help_text = ""
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _("At least 8 characters, and none that everybody uses.")
        self.fields["password2"].label = _("The same once more")


class ResetPasswordKeyForm(NewPassword, BaseResetPasswordKeyForm):
    """The password that replaces a forgotten one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class ChangePasswordForm(NewPassword, BaseChangePasswordForm):
    """The present password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()
        self.fields["oldpassword"].label = _("Present password")


class ProfileForm(forms.ModelForm):
    """What people may change about themselves."""

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "gets_mail"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Your name")
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            required=False,
            choices=[("", _("The organisation's")), *((name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()))],
            help_text=_("In another zone your tasks keep their time of day, and meetings their moment."),
        )
        self.fields["gets_mail"].label = _("Send reminders by mail too")
        self.fields["language"].choices = [("", _("As the browser"))] + list(User._meta.get_field("language").choices or [])  # type: ignore[attr-defined]  # noqa: RUF005
