"""How sign-in differs from the library's default: nobody signs up alone, people are invited."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.messages import constants
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.errors import Refused
from crm.models import Organisation, User

logger = logging.getLogger(__name__)
# What the library would say where the page says it already.
SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an admin."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This e-mail and password don't belong together. Check both, or ask for a new password."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.error("mail: %s", error)
            raise Refused(gettext("The mail could not be sent. Try again later, or ask your admin for a new password.")) from error

    def format_email_subject(self, subject: str) -> str:
        return subject

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any) -> None:
        if message_template not in SILENT:
            super().add_message(request, level or constants.INFO, message_template, *args, **kwargs)


def demo_logins() -> dict[str, Any]:
    """What the sign-in page of a demo offers; nothing elsewhere."""
    if not settings.DEMO or not Organisation.current().has_sample_data:
        return {}
    addresses = [login.email for login in DEMO_LOGINS]
    people = User.objects.active().filter(email__in=addresses).select_related("team")
    logins = sorted(people, key=lambda person: addresses.index(person.email))
    return {"demo_logins": logins, "demo_password": DEMO_PASSWORD}
