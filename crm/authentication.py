"""How other programs sign in: `Authorization: Bearer KEY`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from crm.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """A key acts with the rights of its user, as long as that user is active."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _space, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = (
            ApiKey.objects.select_related("user__team")
            .filter(hash=ApiKey.digest(key.strip()), revoked_at=None, user__is_active=True)
            .first()
        )
        if found is None:
            raise AuthenticationFailed(_("This key is unknown or revoked."))
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
