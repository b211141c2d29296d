"""Signs in one rep, one manager and the admin of the load: prints {role: cookie header} and the board's ids as JSON."""

from __future__ import annotations

import json

import django
from django.conf import settings

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from crm.models import Contact, Role, User  # noqa: E402
from pipeline.models import Deal, Pipeline  # noqa: E402

CSRF = "b" * 32


def cookie(user: User) -> str:
    """A fresh session of this user, as the header says it."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}; {settings.LANGUAGE_COOKIE_NAME}=en"


def main() -> None:
    pipeline = Pipeline.objects.get(name="Load")
    stages = list(pipeline.stages.order_by("position").values_list("pk", flat=True))
    people = {
        role: cookie(User.objects.filter(role=role, is_active=True, email__endswith="load.example").order_by("pk")[0])
        for role in Role.values
    }
    deals = {stage: list(Deal.objects.open().filter(stage=stage).order_by("rank").values_list("pk", flat=True)[:400]) for stage in stages}
    contact = Contact.objects.order_by("pk").values_list("pk", flat=True).first()
    print(json.dumps({"cookies": people, "csrf": CSRF, "pipeline": pipeline.pk, "stages": stages, "deals": deals, "contact": contact}))


if __name__ == "__main__":
    main()
